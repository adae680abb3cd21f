import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRng } from "../../base/rng.ts";
import { seconds } from "../../base/time.ts";
import {
  a,
  address,
  advertise,
  aLease,
  committing,
  Drive,
  highest,
  ia,
  lowest,
  makeEnv,
  serving,
  settings,
  silent,
} from "./drive.fixture.ts";
import type { Dhcp6Env } from "./interface.ts";

const patient = { ...settings, timeout: seconds(40_000), retries: 1 };
const round = (times: readonly string[]) => times.map(Number);

const soliciting = (env: Partial<Dhcp6Env> = {}) => new Drive(makeEnv({ settings: patient, ...env })).start();
const requesting = (env: Partial<Dhcp6Env> = {}) => {
  const drive = new Drive(makeEnv({ settings: patient, ...env }));
  drive.server = (m) => (m.type === "solicit" ? [advertise(m, { preference: 255 })] : []);
  return drive.start();
};
/** Bound at 0.010 to a lease whose T1 is 5000 s and whose T2 is 8000 s after 0.000. */
const bound = (env: Partial<Dhcp6Env> = {}) => {
  const drive = new Drive(makeEnv(env));
  const addresses = [address(a, { preferred: 9000, valid: 20_000 })];
  drive.server = committing({ iaNa: [ia({ t1: 5000, t2: 8000, addresses })] });
  drive.start().until(1);
  drive.server = silent;
  drive.lines();
  return drive;
};
describe("RFC 8415 section 15 with the constants of section 7.6, nobody answering", () => {
  test("SOLICIT: 1 s and a little, doubling up to an hour", () => {
    expect(round(soliciting().until(15_500).times("SOLICIT"))).toEqual([
      0, 1.05, 3.15, 7.35, 15.75, 32.55, 66.15, 133.35, 267.75, 536.55, 1074.15, 2149.35, 4299.75, 7899.75,
      11499.75, 15099.75,
    ]);
  });

  test("REQUEST: 1 s doubling up to 30 s, ten times; then it is over", () => {
    const drive = requesting().until(300);
    const lines = drive.lines();
    const sent = lines.filter((line) => line.includes(" REQUEST ")).map((line) => Number(line.split(" ")[0]));
    expect(sent).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121, 151].map((t) => t + 0.01));
    expect(lines.at(-1)).toBe("181.010 * failed: server offered addresses and then did not confirm them");
  });

  test("CONFIRM: 1 s doubling up to 4 s, for 10 s", () => {
    const drive = new Drive().start(aLease()).until(30);
    const lines = drive.lines();
    expect(lines.filter((line) => line.includes(" CONFIRM "))).toEqual([
      "0.000 CONFIRM to all e=0 2001:db8::a",
      "1.000 CONFIRM to all e=100 2001:db8::a",
      "3.000 CONFIRM to all e=300 2001:db8::a",
      "7.000 CONFIRM to all e=700 2001:db8::a",
    ]);
    expect(lines.at(-1)).toBe("10.000 * obtained 2001:db8::a by kept");
  });

  test("RENEW: 10 s doubling up to 600 s, until T2; REBIND the same, until the last address ends", () => {
    const drive = bound().until(20_001);
    const lines = drive.lines();
    const times = (type: string) =>
      lines.filter((line) => line.includes(` ${type} `)).map((line) => Number(line.split(" ")[0]));
    const steps = [0, 10, 30, 70, 150, 310, 630, 1230, 1830, 2430];
    expect(times("RENEW")).toEqual([...steps, 3030].map((t) => 4950 + t));
    const rebinds = [...steps];
    for (let t = 3030; t < 12_000; t += 600) rebinds.push(t);
    expect(times("REBIND")).toEqual(rebinds.map((t) => 8000 + t));
    expect(lines.slice(-4)).toEqual([
      "20000.000 deconfigure",
      "20000.000 * lost 2001:db8::a: the lease ended and no server renewed it",
      "20000.000 * solicit 1/3",
      "20000.000 SOLICIT to all e=0",
    ]);
  });

  test("INFORMATION-REQUEST: 1 s doubling up to an hour", () => {
    const drive = new Drive(makeEnv({ settings: patient })).start(undefined, "stateless").until(8000);
    expect(round(drive.times("INFORMATION-REQUEST"))).toEqual([
      0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 2047, 4095, 7695,
    ]);
  });

  test("RELEASE and DECLINE: 1 s doubling, four times", () => {
    const released = bound().put({ kind: "release" }).until(100);
    expect(round(released.times("RELEASE"))).toEqual([1, 2, 4, 8]);
    const declined = bound().dad(a).until(100);
    expect(round(declined.times("DECLINE"))).toEqual([1, 2, 4, 8]);
  });
});

describe("elapsed time (section 21.9)", () => {
  test("hundredths of a second since the exchange began, at most 65535; one xid for all of them", () => {
    const drive = soliciting().until(1100);
    expect(drive.sent.map((m) => m.options.elapsed)).toEqual([
      0, 105, 315, 735, 1575, 3255, 6615, 13_335, 26_775, 53_655, 65_535,
    ]);
    expect(new Set(drive.sent.map((m) => m.xid)).size).toBe(1);
  });

  test("a REQUEST begins an exchange of its own", () => {
    const drive = new Drive();
    drive.server = serving();
    const [solicit, request] = drive.start().until(2).sent;
    expect(request?.options.elapsed).toBe(0);
    expect(request?.xid).not.toBe(solicit?.xid);
  });
});

describe("jitter", () => {
  test("at the ends of its range: a tenth up or down, the first RT of a SOLICIT only up", () => {
    expect(round(soliciting({ rng: lowest() }).until(8).times("SOLICIT"))).toEqual([0, 1.1, 3.19, 7.161]);
    expect(round(soliciting({ rng: highest() }).until(8).times("SOLICIT"))).toEqual([0, 1.001, 3.103, 7.517]);
    const low = requesting({ rng: lowest() }).until(40).times("REQUEST");
    expect(round(low)).toEqual([0.01, 0.91, 2.62, 5.869, 12.042, 23.771]);
    const high = requesting({ rng: highest() }).until(40).times("REQUEST");
    expect(round(high)).toEqual([0.01, 1.11, 3.42, 8.271, 18.458, 39.851]);
  });

  test("MRT is spread as well", () => {
    const gapsOf = (times: readonly number[]) => times.slice(1).map((t, i) => t - (times[i] ?? 0));
    const low = gapsOf(round(requesting({ rng: lowest() }).until(150).times("REQUEST")));
    expect(low.at(-1)).toBeCloseTo(27, 3);
    const high = gapsOf(round(requesting({ rng: highest() }).until(250).times("REQUEST")));
    expect(high.at(-1)).toBeCloseTo(33, 3);
  });

  test("each RT lies within a tenth of twice the one before, or of MRT; the first SOLICIT waits more than 1 s", () => {
    const firstGaps = new Set<number>();
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const drive = soliciting({ rng: seededRng(seed) }).until(30_000);
        const times = round(drive.times("SOLICIT"));
        const gaps = times.slice(1).map((t, i) => Math.round((t - (times[i] ?? 0)) * 1000));
        gaps.slice(1).forEach((gap, i) => {
          const before = gaps[i] ?? 0;
          const doubled = 1.9 * before - 1 <= gap && gap <= 2.1 * before + 1 && gap <= 3_600_000;
          const capped = 2.1 * before > 3_600_000 && Math.abs(gap - 3_600_000) <= 360_001;
          expect(doubled || capped).toBe(true);
        });
        expect(gaps[0]).toBeGreaterThan(1000);
        expect(gaps[0]).toBeLessThanOrEqual(1100);
        firstGaps.add(gaps[0] ?? 0);
      }),
      { numRuns: 50 },
    );
    expect(firstGaps.size).toBeGreaterThan(20);
  });

  test("where many begin at once they wait up to a second first, and elapsed starts at 0 all the same", () => {
    const delays = new Set<number>();
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const drive = bound({ rng: seededRng(seed) })
          .put({ kind: "link-changed" })
          .until(10);
        const [confirm] = drive.lines().filter((line) => line.includes(" CONFIRM "));
        expect(confirm).toMatch(/ e=0 /);
        const delay = Math.round((Number(confirm?.split(" ")[0]) - 1) * 1000);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(1000);
        delays.add(delay);
      }),
      { numRuns: 50 },
    );
    expect(delays.size).toBeGreaterThan(30);
  });
});
