import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRng } from "../../base/rng.ts";
import { seconds } from "../../base/time.ts";
import { Drive, highest, lowest, makeEnv, nak, offer, serving, settings } from "./drive.fixture.ts";

const discoverTimes = (drive: Drive) =>
  drive
    .lines()
    .filter((line) => line.includes("DISCOVER"))
    .map((line) => line.split(" ")[0]);
const patient = { ...settings, timeout: seconds(400), retries: 1 };
const noAnswer = "no answer to DHCP: is this MAC registered?";

describe("retransmission (RFC 2131 section 4.1)", () => {
  test("4, 8, 16, 32, 64 s and then every 64 s, until the attempt ends", () => {
    const drive = new Drive(makeEnv({ settings: patient })).start().until(399);
    expect(discoverTimes(drive)).toEqual(
      [0, 4, 12, 28, 60, 124, 188, 252, 316, 380].map((s) => s.toFixed(3)),
    );
    expect(drive.sent.map((m) => m.secs)).toEqual([0, 4, 12, 28, 60, 124, 188, 252, 316, 380]);
    expect(new Set(drive.sent.map((m) => m.xid)).size).toBe(1);
  });

  test("one second earlier or later at the ends of the range", () => {
    const early = new Drive(makeEnv({ settings: patient, rng: lowest })).start().until(130);
    expect(discoverTimes(early)).toEqual(["0.000", "3.000", "10.000", "25.000", "56.000", "119.000"]);
    const late = new Drive(makeEnv({ settings: patient, rng: highest })).start().until(130);
    expect(discoverTimes(late)).toEqual(["0.000", "5.000", "14.000", "31.000", "64.000", "129.000"]);
  });

  test("the jitter stays within a second and differs between clients", () => {
    const firstGaps = new Set<number>();
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const drive = new Drive(makeEnv({ settings: patient, rng: seededRng(seed) })).start().until(399);
        const times = discoverTimes(drive).map(Number);
        times.slice(1).forEach((t, i) => {
          const nominal = Math.min(64, 4 * 2 ** i);
          expect(Math.abs(t - (times[i] ?? 0) - nominal)).toBeLessThanOrEqual(1.0005);
        });
        firstGaps.add(times[1] ?? 0);
      }),
      { numRuns: 50 },
    );
    expect(firstGaps.size).toBeGreaterThan(30);
  });

  test("REQUEST is retransmitted alike, with the secs and xid of the DISCOVER it follows", () => {
    const drive = new Drive();
    drive.server = (m) => (m.options.messageType === "discover" && m.secs === 4 ? [offer(m)] : []);
    expect(drive.start().until(16).lines()).toEqual([
      "0.000 * discover 1/3",
      "0.000 DISCOVER to all secs=0",
      "4.000 DISCOVER to all secs=4",
      "4.010 REQUEST to all secs=4 ip=192.0.2.10 server=192.0.2.1",
      "8.010 REQUEST to all secs=4 ip=192.0.2.10 server=192.0.2.1",
      "15.000 * attempt 1/3 failed: server offered an address and then did not confirm it",
    ]);
    expect(new Set(drive.sent.map((m) => m.xid)).size).toBe(1);
  });

  test("an OFFER at the last moment still gets a REQUEST and one retransmission", () => {
    const drive = new Drive().start().until(14.9);
    drive.lines();
    drive.message(offer(drive.lastSent)).until(19.95);
    expect(drive.lines()).toEqual([
      "14.900 REQUEST to all secs=12 ip=192.0.2.10 server=192.0.2.1",
      "18.900 REQUEST to all secs=12 ip=192.0.2.10 server=192.0.2.1",
      "19.900 * attempt 1/3 failed: server offered an address and then did not confirm it",
    ]);
  });
});

describe("attempts", () => {
  test("nobody answers: attempts, growing pauses, failed, slow attempts; the broadcast flag alternates", () => {
    const drive = new Drive().start().until(1000);
    expect(drive.lines()).toEqual([
      "0.000 * discover 1/3",
      "0.000 DISCOVER to all secs=0",
      "4.000 DISCOVER to all secs=4",
      "12.000 DISCOVER to all secs=12",
      `15.000 * attempt 1/3 failed: ${noAnswer}`,
      "20.000 * discover 2/3",
      "20.000 DISCOVER to all secs=20 flag",
      "24.000 DISCOVER to all secs=24 flag",
      "32.000 DISCOVER to all secs=32 flag",
      `35.000 * attempt 2/3 failed: ${noAnswer}`,
      "45.000 * discover 3/3",
      "45.000 DISCOVER to all secs=45",
      "49.000 DISCOVER to all secs=49",
      "57.000 DISCOVER to all secs=57",
      `60.000 * attempt 3/3 failed: ${noAnswer}`,
      `60.000 * failed: ${noAnswer}`,
      "360.000 * discover 1/1",
      "360.000 DISCOVER to all secs=360 flag",
      "364.000 DISCOVER to all secs=364 flag",
      "372.000 DISCOVER to all secs=372 flag",
      `375.000 * attempt 1/1 failed: ${noAnswer}`,
      `375.000 * failed: ${noAnswer}`,
      "975.000 * discover 1/1",
      "975.000 DISCOVER to all secs=975",
      "979.000 DISCOVER to all secs=979",
      "987.000 DISCOVER to all secs=987",
      `990.000 * attempt 1/1 failed: ${noAnswer}`,
      `990.000 * failed: ${noAnswer}`,
    ]);
    expect(drive.state.tag).toBe("failed");
  });

  test("pauses double up to a minute; slow pauses double up to ten times failedRetry, for ever", () => {
    const env = makeEnv({ settings: { ...settings, retries: 8 } });
    const drive = new Drive(env).start().until(40_000);
    const lines = drive.lines().map((line) => [Number(line.split(" ")[0]), line] as const);
    const failedAt = lines.filter(([, line]) => line.includes("attempt")).map(([t]) => t);
    const begunAt = lines.filter(([, line]) => line.includes("* discover")).map(([t]) => t);
    const pauses = failedAt.map((t, i) => Math.round((begunAt[i + 1] ?? Number.NaN) - t));
    expect(pauses.slice(0, 7)).toEqual([5, 10, 20, 40, 60, 60, 60]);
    expect(pauses.slice(7, 13)).toEqual([300, 600, 1200, 2400, 3000, 3000]);
  });

  test("pauses vary by a tenth", () => {
    const low = new Drive(makeEnv({ rng: lowest })).start().until(100);
    expect(low.lines().filter((l) => l.includes("* discover"))).toEqual([
      "0.000 * discover 1/3",
      "19.500 * discover 2/3",
      "43.500 * discover 3/3",
    ]);
    expect(low.wakeAt).toBe(58_500 + 270_000);
    const high = new Drive(makeEnv({ rng: highest })).start().until(100);
    expect(high.wakeAt).toBe(61_500 + 330_000);
  });

  test("a MAC registered late gets its lease in the next slow attempt", () => {
    const drive = new Drive().start().until(100);
    expect(drive.state.tag).toBe("failed");
    drive.server = serving();
    drive.lines();
    expect(drive.until(361).lines().at(-1)).toBe("360.420 * obtained 192.0.2.10 by discover");
  });

  test("once failed, the reason is the last thing heard, not the silence after it", () => {
    const drive = new Drive();
    drive.server = (m) => (m.secs === 0 && m.options.messageType === "discover" ? [offer(m)] : []);
    const lines = drive.start().until(70).lines();
    expect(lines.at(-1)).toBe("60.000 * failed: server offered an address and then did not confirm it");
    expect(lines.filter((l) => l.includes("flag"))).toEqual([
      "45.000 DISCOVER to all secs=45 flag",
      "49.000 DISCOVER to all secs=49 flag",
      "57.000 DISCOVER to all secs=57 flag",
    ]);
  });
});

test("each slow attempt speaks for itself", () => {
  const drive = new Drive(makeEnv({ settings: { ...settings, retries: 1 } }));
  drive.server = (m) => (m.secs === 0 && m.options.messageType === "discover" ? [offer(m)] : []);
  const failures = drive
    .start()
    .until(400)
    .lines()
    .filter((l) => l.includes("* failed"));
  expect(failures).toEqual([
    "15.000 * failed: server offered an address and then did not confirm it",
    `330.000 * failed: ${noAnswer}`,
  ]);
});

describe("NAK to the REQUEST for an offer", () => {
  test("starts over at once, then after 1 s; the reason carries the server's words", () => {
    const drive = new Drive();
    drive.server = (m) =>
      m.options.messageType === "discover" ? [offer(m)] : [nak(m, { message: "pool\tempty\n" })];
    expect(drive.start().until(2).lines()).toEqual([
      "0.000 * discover 1/3",
      "0.000 DISCOVER to all secs=0",
      "0.010 REQUEST to all secs=0 ip=192.0.2.10 server=192.0.2.1",
      "0.020 * attempt 1/3 failed: server refused (NAK): pool empty",
      "0.020 * discover 2/3",
      "0.020 DISCOVER to all secs=0",
      "0.030 REQUEST to all secs=0 ip=192.0.2.10 server=192.0.2.1",
      "0.040 * attempt 2/3 failed: server refused (NAK): pool empty",
      "1.040 * discover 3/3",
      "1.040 DISCOVER to all secs=1",
      "1.050 REQUEST to all secs=1 ip=192.0.2.10 server=192.0.2.1",
      "1.060 * attempt 3/3 failed: server refused (NAK): pool empty",
      "1.060 * failed: server refused (NAK): pool empty",
    ]);
  });

  test("the pauses grow 1, 2, 4 … 60 s", () => {
    const drive = new Drive(makeEnv({ settings: { ...settings, retries: 12 } }));
    drive.server = (m) => (m.options.messageType === "discover" ? [offer(m)] : [nak(m)]);
    const begun = drive
      .start()
      .until(400)
      .lines()
      .filter((l) => l.includes("* discover"))
      .map((l) => Number(l.split(" ")[0]));
    expect(begun.slice(1).map((t, i) => Math.floor(t - (begun[i] ?? 0)))).toEqual([
      0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60,
    ]);
  });
});
