import { describe, expect, test } from "vitest";
import { seconds } from "../../base/time.ts";
import {
  advertise,
  answer,
  committing,
  Drive,
  highest,
  ia,
  lowest,
  makeEnv,
  serving,
  settings,
  status,
} from "./drive.fixture.ts";

const noAnswer = "no answer to DHCPv6 Solicit";
const beginnings = (drive: Drive) =>
  drive
    .lines()
    .filter((line) => / \* (solicit|information-request) /.test(line))
    .map((line) => Number(line.split(" ")[0]));
const pauses = (begun: readonly number[], timeout: number) =>
  begun.slice(1).map((t, i) => Math.round(t - (begun[i] ?? 0) - timeout));

describe("attempts", () => {
  test("nobody answers: attempts, growing pauses, failed, slow attempts; elapsed counts over all of them", () => {
    const drive = new Drive().start().until(360);
    expect(drive.lines()).toEqual([
      "0.000 * solicit 1/3",
      "0.000 SOLICIT to all e=0",
      "1.050 SOLICIT to all e=105",
      "3.150 SOLICIT to all e=315",
      "7.350 SOLICIT to all e=735",
      `10.000 * attempt 1/3 failed: ${noAnswer}`,
      "15.000 * solicit 2/3",
      "15.000 SOLICIT to all e=1500",
      "16.050 SOLICIT to all e=1605",
      "18.150 SOLICIT to all e=1815",
      "22.350 SOLICIT to all e=2235",
      `25.000 * attempt 2/3 failed: ${noAnswer}`,
      "35.000 * solicit 3/3",
      "35.000 SOLICIT to all e=3500",
      "36.050 SOLICIT to all e=3605",
      "38.150 SOLICIT to all e=3815",
      "42.350 SOLICIT to all e=4235",
      `45.000 * attempt 3/3 failed: ${noAnswer}`,
      `45.000 * failed: ${noAnswer}`,
      "345.000 * solicit 1/1",
      "345.000 SOLICIT to all e=34500",
      "346.050 SOLICIT to all e=34605",
      "348.150 SOLICIT to all e=34815",
      "352.350 SOLICIT to all e=35235",
      `355.000 * attempt 1/1 failed: ${noAnswer}`,
      `355.000 * failed: ${noAnswer}`,
    ]);
    expect(new Set(drive.sent.map((m) => m.xid)).size).toBe(4);
  });

  test("stateless: the same with INFORMATION-REQUEST", () => {
    const drive = new Drive(makeEnv({ settings: { ...settings, retries: 1 } })).start(undefined, "stateless");
    expect(drive.until(320).lines()).toEqual([
      "0.000 * information-request 1/1",
      "0.000 INFORMATION-REQUEST to all e=0",
      "1.000 INFORMATION-REQUEST to all e=100",
      "3.000 INFORMATION-REQUEST to all e=300",
      "7.000 INFORMATION-REQUEST to all e=700",
      "10.000 * attempt 1/1 failed: no answer to DHCPv6 Information-request",
      "10.000 * failed: no answer to DHCPv6 Information-request",
      "310.000 * information-request 1/1",
      "310.000 INFORMATION-REQUEST to all e=31000",
      "311.000 INFORMATION-REQUEST to all e=31100",
      "313.000 INFORMATION-REQUEST to all e=31300",
      "317.000 INFORMATION-REQUEST to all e=31700",
      "320.000 * attempt 1/1 failed: no answer to DHCPv6 Information-request",
      "320.000 * failed: no answer to DHCPv6 Information-request",
    ]);
  });

  test("pauses double up to a minute; slow pauses double up to ten times failedRetry, for ever", () => {
    const drive = new Drive(makeEnv({ settings: { ...settings, retries: 8 } })).start().until(40_000);
    const spans = pauses(beginnings(drive), 10);
    expect(spans.slice(0, 7)).toEqual([5, 10, 20, 40, 60, 60, 60]);
    expect(spans.slice(7, 13)).toEqual([300, 600, 1200, 2400, 3000, 3000]);
  });

  test("pauses vary by a tenth", () => {
    expect(beginnings(new Drive(makeEnv({ rng: lowest() })).start().until(100))).toEqual([0, 14.5, 33.5]);
    expect(beginnings(new Drive(makeEnv({ rng: highest() })).start().until(100))).toEqual([0, 15.5, 36.5]);
  });

  test("a MAC registered late gets its lease in the next slow attempt", () => {
    const drive = new Drive().start().until(100);
    expect(drive.tag).toBe("failed");
    drive.server = serving();
    drive.lines();
    expect(drive.until(347).lines().at(-1)).toBe("346.060 * obtained 2001:db8::a by solicit");
  });

  test("once failed, the reason is the last thing heard, not the silence after it; a slow attempt speaks for itself", () => {
    const drive = new Drive();
    drive.server = (m) =>
      m.type === "solicit" && m.options.elapsed === 0
        ? [advertise(m, { iaNa: [ia({ status: status("noAddrsAvail") })] })]
        : [];
    const failures = drive
      .start()
      .until(400)
      .lines()
      .filter((line) => line.includes("* failed"));
    expect(failures).toEqual([
      "45.000 * failed: the server has no addresses left",
      `355.000 * failed: ${noAnswer}`,
    ]);
  });

  test("an ADVERTISE at the last moment still gets a REQUEST and its first retransmissions", () => {
    const drive = new Drive().start().until(9.9);
    drive.lines();
    drive.message(advertise(drive.lastSent)).until(15);
    expect(drive.lines()).toEqual([
      "9.900 REQUEST to s1 e=0 2001:db8::a",
      "10.900 REQUEST to s1 e=100 2001:db8::a",
      "12.900 REQUEST to s1 e=300 2001:db8::a",
      "14.900 * attempt 1/3 failed: server offered addresses and then did not confirm them",
    ]);
  });
});

describe("SOL_MAX_RT and INF_MAX_RT (sections 21.24 and 21.25)", () => {
  const patient = { ...settings, timeout: seconds(2000), retries: 1 };
  const noAddrs = { iaNa: [ia({ status: status("noAddrsAvail") })] };

  test("obeyed within an attempt, also from an ADVERTISE without addresses", () => {
    const drive = new Drive(makeEnv({ settings: patient }));
    drive.server = (m) => (m.options.elapsed === 0 ? [advertise(m, { ...noAddrs, solMaxRt: 60 })] : []);
    expect(drive.start().until(400).times("SOLICIT").map(Number)).toEqual([
      0, 1.05, 3.15, 7.35, 15.75, 32.55, 66.15, 126.15, 186.15, 246.15, 306.15, 366.15,
    ]);
  });

  test("INF_MAX_RT from a REPLY that failed", () => {
    const drive = new Drive(makeEnv({ settings: patient }));
    drive.server = (m) =>
      m.options.elapsed === 0 ? [answer("reply", m, { status: status("unspecFail"), infMaxRt: 60 })] : [];
    const times = drive.start(undefined, "stateless").until(300).times("INFORMATION-REQUEST").map(Number);
    expect(times).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
  });

  test.each([
    [
      "86400 s: slow attempts may be as rare",
      86_400,
      [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 76_800],
    ],
    ["60 s: less than ours changes nothing", 60, [300, 600, 1200, 2400, 3000, 3000]],
    ["86401 s is out of range", 86_401, [300, 600, 1200, 2400, 3000, 3000]],
    ["59 s is out of range", 59, [300, 600, 1200, 2400, 3000, 3000]],
  ])("%s", (_, solMaxRt, wanted) => {
    const drive = new Drive(makeEnv({ settings: { ...settings, retries: 1 } }));
    drive.server = (m) => (m.options.elapsed === 0 ? [advertise(m, { ...noAddrs, solMaxRt })] : []);
    const spans = pauses(beginnings(drive.start().until(200_000)), 10);
    expect(spans.slice(0, wanted.length)).toEqual(wanted);
  });

  test("remembered over a lease, forgotten with the network", () => {
    const drive = new Drive();
    drive.server = committing({ solMaxRt: 120, infMaxRt: 240 });
    drive.start().until(1);
    expect(drive.state.limits).toEqual({ solMaxRt: 120_000, infMaxRt: 240_000 });
    expect(drive.put({ kind: "link-changed" }).state.limits.solMaxRt).toBe(120_000);
    expect(drive.put({ kind: "moved" }).state.limits).toEqual({ solMaxRt: undefined, infMaxRt: undefined });
  });

  test("not learnt from messages that are not for us", () => {
    const drive = new Drive().start();
    drive.message(advertise({ ...drive.lastSent, xid: 1234 }, { solMaxRt: 60 }));
    drive.message(advertise(drive.lastSent, { solMaxRt: 60, clientId: Uint8Array.of(1) }));
    expect(drive.state.limits.solMaxRt).toBeUndefined();
  });
});
