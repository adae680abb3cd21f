/** RELEASE and DECLINE, and the kernel's word on addresses. */
import { describe, expect, test } from "vitest";
import { seconds } from "../../base/time.ts";
import {
  a,
  address,
  answer,
  b,
  committing,
  Drive,
  ia,
  ip,
  makeEnv,
  serving,
  settings,
  silent,
  status,
} from "./drive.fixture.ts";

const bound = (addresses = [address(a)], env = makeEnv()) => {
  const drive = new Drive(env);
  drive.server = committing({ iaNa: [ia({ addresses })] });
  drive.start().until(1);
  drive.server = silent;
  drive.lines();
  return drive;
};
const done = (drive: Drive) => answer("reply", drive.lastSent, { status: status("success") });

describe("an address is in use by another host (RFC 8415 section 18.2.8)", () => {
  test("the only one: off with it, DECLINE until answered, over again after ten seconds", () => {
    const drive = bound().dad(a).until(3);
    drive.message(done(drive)).until(12);
    expect(drive.lines()).toEqual([
      "1.000 * conflict over 2001:db8::a",
      "1.000 deconfigure",
      "1.000 * lost 2001:db8::a: address declined: 2001:db8::a is in use by another host",
      "1.000 DECLINE to s1 e=0 2001:db8::a",
      "1.000 * attempt 1/3 failed: address declined: 2001:db8::a is in use by another host",
      "2.000 DECLINE to s1 e=100 2001:db8::a",
      "11.000 * solicit 2/3",
      "11.000 SOLICIT to all e=1000",
    ]);
  });

  test("one of two: the other is kept", () => {
    const drive = bound([address(a), address(b)])
      .dad(a)
      .until(20);
    expect(drive.lines()).toEqual([
      "1.000 * conflict over 2001:db8::a",
      "1.000 configure 2001:db8::b to 1000/2000",
      "1.000 DECLINE to s1 e=0 2001:db8::a",
      "2.000 DECLINE to s1 e=100 2001:db8::a",
      "4.000 DECLINE to s1 e=300 2001:db8::a",
      "8.000 DECLINE to s1 e=700 2001:db8::a",
    ]);
    expect(drive.tag).toBe("bound");
    expect(drive.state.errands).toEqual([]);
    expect(drive.until(496).lines()).toEqual(["495.000 RENEW to s1 e=0 2001:db8::b"]);
  });

  test("every address that is handed out is taken: failed, with that reason", () => {
    const drive = new Drive();
    drive.server = committing();
    drive.start();
    for (let at = 1; at < 60; at++) {
      drive.until(at);
      if (drive.tag === "bound") drive.dad(a);
    }
    const lines = drive.lines();
    expect(lines.filter((line) => line.includes("* attempt")).length).toBe(3);
    expect(lines.at(-1)).not.toContain("solicit");
    expect(drive.tag).toBe("failed");
    expect(lines.filter((line) => line.includes("* failed"))[0]).toContain(
      "2001:db8::a is in use by another host",
    );
  });

  test("after an address was found good, a later conflict begins a new row", () => {
    const drive = bound().dad(a, false).until(100).dad(a).until(111);
    const lines = drive.lines().filter((line) => !line.includes("DECLINE"));
    expect(lines.slice(-2)).toEqual(["110.000 * solicit 1/3", "110.000 SOLICIT to all e=0"]);
    expect(lines.some((line) => line.includes("attempt"))).toBe(false);
  });

  test("addresses that are not of the lease do not matter", () => {
    const drive = bound().dad(b).dad(ip("fe80::1"));
    new Drive().dad(a);
    expect(drive.lines()).toEqual([]);
  });
});

describe("addresses that must not be taken", () => {
  const refuse = (at: string) => (at === a ? "held by another identity" : undefined);

  test("advertised: that server is passed over", () => {
    const drive = new Drive(makeEnv({ refuse }));
    drive.server = serving();
    expect(drive.start().until(1).lines().slice(2)).toEqual([
      "0.010 * ignored: advertised 2001:db8::a: held by another identity",
    ]);
  });

  test("granted: declined, a failed attempt, ten seconds", () => {
    const drive = new Drive(makeEnv({ refuse }));
    drive.server = (m) => (m.type === "decline" ? [] : committing()(m));
    expect(drive.start().until(10.015).lines()).toEqual([
      "0.000 * solicit 1/3",
      "0.000 SOLICIT to all e=0",
      "0.010 DECLINE to s1 e=0 2001:db8::a",
      "0.010 * attempt 1/3 failed: address declined: 2001:db8::a: held by another identity",
      "1.010 DECLINE to s1 e=100 2001:db8::a",
      "3.010 DECLINE to s1 e=300 2001:db8::a",
      "7.010 DECLINE to s1 e=700 2001:db8::a",
      "10.010 * solicit 2/3",
      "10.010 SOLICIT to all e=1001",
    ]);
  });

  test("ten seconds also between the attempts of a failed client", () => {
    const hasty = { ...settings, retries: 1, failedRetry: seconds(1) };
    const drive = new Drive(makeEnv({ refuse, settings: hasty }));
    drive.server = committing();
    expect(drive.start().until(25).times("SOLICIT")).toEqual(["0.000", "10.010", "20.020"]);
  });

  test("granted beside a good one: that one is taken", () => {
    const drive = new Drive(makeEnv({ refuse }));
    drive.server = committing({ iaNa: [ia({ addresses: [address(a), address(b)] })] });
    expect(drive.start().until(1).lines().slice(2)).toEqual([
      "0.010 configure 2001:db8::b to 1000/2000",
      "0.010 * obtained 2001:db8::b by rapid-commit",
      "0.010 DECLINE to s1 e=0 2001:db8::a",
    ]);
  });
});

describe("release (section 18.2.7)", () => {
  test("the addresses go, then RELEASE until answered", () => {
    const drive = bound([address(a), address(b)])
      .put({ kind: "release" })
      .until(3);
    drive.message(done(drive)).until(100);
    expect(drive.lines()).toEqual([
      "1.000 deconfigure",
      "1.000 RELEASE to s1 e=0 2001:db8::a 2001:db8::b",
      "1.000 * released 2001:db8::a 2001:db8::b",
      "2.000 RELEASE to s1 e=100 2001:db8::a 2001:db8::b",
    ]);
    expect(drive.state).toMatchObject({ main: { tag: "stopped" }, errands: [] });
    expect(drive.wakeAt).toBe(Number.POSITIVE_INFINITY);
  });

  test("any status ends it", () => {
    const drive = bound().put({ kind: "release" });
    drive.message(answer("reply", drive.lastSent, { status: status("noBinding") }));
    expect(drive.state.errands).toEqual([]);
  });

  test("an answer that is not one does not", () => {
    const drive = bound().put({ kind: "release" });
    const sent = drive.lastSent;
    drive.message({ ...done(drive), xid: sent.xid ^ 1 }).message({ ...done(drive), type: "advertise" });
    drive.message(answer("reply", sent, { clientId: Uint8Array.of(1) }));
    expect(drive.state.errands.length).toBe(1);
  });

  test("unanswered: four times, the last one given its time", () => {
    const drive = bound().put({ kind: "release" }).until(15.5);
    expect(drive.times("RELEASE")).toEqual(["1.000", "2.000", "4.000", "8.000"]);
    expect(drive.state.errands.length).toBe(1);
    expect(drive.put({ kind: "timer" }).state.errands.length).toBe(1);
    expect(drive.until(16).state.errands).toEqual([]);
  });

  test("started again meanwhile: at once, and without a RELEASE that would take away what is granted", () => {
    const drive = bound().put({ kind: "release" }).until(1.5);
    drive.lines();
    drive.server = committing();
    expect(drive.start().until(20).lines()).toEqual([
      "1.500 * solicit 1/3",
      "1.500 SOLICIT to all e=0",
      "1.510 configure 2001:db8::a to 1001.5/2001.5",
      "1.510 * obtained 2001:db8::a by rapid-commit",
    ]);
  });

  test("without a lease: silence", () => {
    for (const at of [0.5, 12, 100]) {
      const drive = new Drive(makeEnv({ settings: { ...settings, retries: 1 } })).start().until(at);
      drive.lines();
      expect(drive.put({ kind: "release" }).put({ kind: "release" }).until(5000).lines()).toEqual([]);
      expect(drive.tag).toBe("stopped");
    }
  });
});
