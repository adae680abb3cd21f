import { describe, expect, test } from "vitest";
import { instant } from "../../base/time.ts";
import {
  a,
  aLease,
  answer,
  b,
  committing,
  Drive,
  ip,
  makeEnv,
  server,
  serving,
  silent,
  status,
} from "./drive.fixture.ts";

const bound = () => {
  const drive = new Drive();
  drive.server = committing();
  drive.start().until(5);
  drive.server = silent;
  drive.lines();
  return drive;
};
const confirmed = (drive: Drive, name: Parameters<typeof status>[0], text = "") =>
  drive.message(answer("reply", drive.lastSent, { serverId: server(9), status: status(name, text) }));

describe("CONFIRM of a stored lease (RFC 8415 section 18.2.3)", () => {
  test("used at once; confirmed by any server, and renewed with the one that granted it", () => {
    const drive = new Drive().start(aLease()).until(0.5);
    confirmed(drive, "success");
    expect(drive.until(500).lines()).toEqual([
      "0.000 configure 2001:db8::a to 1000/2000",
      "0.000 * confirm 1/1",
      "0.000 CONFIRM to all e=0 2001:db8::a",
      "0.500 * obtained 2001:db8::a by confirm",
      "500.000 RENEW to s1 e=0 2001:db8::a",
    ]);
  });

  test("no status is success", () => {
    const drive = new Drive().start(aLease());
    drive.message(answer("reply", drive.lastSent));
    expect(drive.tag).toBe("bound");
  });

  test("NotOnLink: the addresses go at once and new ones are asked for; a second time waits", () => {
    const drive = new Drive().start(aLease()).until(0.5);
    drive.lines();
    confirmed(drive, "notOnLink", "moved?");
    const why = "the server says that the addresses are of another network";
    expect(drive.lines()).toEqual([
      "0.500 deconfigure",
      `0.500 * lost 2001:db8::a: ${why}: moved?`,
      "0.500 * solicit 1/3",
      "0.500 SOLICIT to all e=0",
    ]);
    drive.server = (m) =>
      m.type === "solicit" ? serving()(m) : [answer("reply", m, { status: status("notOnLink") })];
    expect(drive.until(4).lines()).toEqual([
      "1.550 SOLICIT to all e=105",
      "1.560 REQUEST to s1 e=0 2001:db8::a",
      `1.570 * attempt 1/3 failed: ${why}`,
      "2.570 * solicit 2/3",
      "2.570 SOLICIT to all e=207",
      "3.620 REQUEST to s1 e=0 2001:db8::a",
      `3.630 * attempt 2/3 failed: ${why}`,
    ]);
  });

  test("UnspecFail: asked again", () => {
    const drive = new Drive().start(aLease()).until(0.5);
    drive.lines();
    confirmed(drive, "unspecFail").until(2);
    expect(drive.lines()).toEqual([
      "0.500 * ignored: the server failed",
      "1.000 CONFIRM to all e=100 2001:db8::a",
    ]);
  });

  test("unanswered: kept; past T1 renewed, past T2 rebound", () => {
    const renewed = new Drive().start(aLease({ renewAt: instant(-3000) })).until(10.5);
    expect(renewed.lines().slice(-2)).toEqual([
      "10.000 * obtained 2001:db8::a by kept",
      "10.000 RENEW to s1 e=0 2001:db8::a",
    ]);
    const times = { renewAt: instant(-3000), rebindAt: instant(2000) };
    const rebound = new Drive().start(aLease(times)).until(10.5);
    expect(rebound.lines().at(-1)).toBe("10.000 REBIND to all e=0 2001:db8::a");
  });

  test("an address ends meanwhile: it goes, the rest is confirmed on; the last one: over again", () => {
    const until = (t: number) => ({ preferredUntil: instant(t), validUntil: instant(t) });
    const addresses = [
      { address: a, ...until(2000) },
      { address: b, ...until(8000) },
    ];
    const lines = new Drive().start(aLease({ addresses })).until(8.5).lines();
    expect(lines.slice(3)).toEqual([
      "1.000 CONFIRM to all e=100 2001:db8::a 2001:db8::b",
      "2.000 configure 2001:db8::b to 8/8",
      "3.000 CONFIRM to all e=300 2001:db8::b",
      "7.000 CONFIRM to all e=700 2001:db8::b",
      "8.000 deconfigure",
      "8.000 * lost 2001:db8::b: the lease ended and no server renewed it",
      "8.000 * solicit 1/3",
      "8.000 SOLICIT to all e=0",
    ]);
  });

  test("expired, refused and impossible addresses of a stored lease are not used", () => {
    const whenever = { preferredUntil: instant(5000), validUntil: instant(9000) };
    const addresses = [
      { address: a, preferredUntil: instant(0), validUntil: instant(0) },
      { address: b, ...whenever },
      { address: ip("fe80::1"), ...whenever },
      { address: ip("2001:db8::bad"), ...whenever },
    ];
    const refuse = (at: string) => (at === "2001:db8::bad" ? "held by another identity" : undefined);
    const drive = new Drive(makeEnv({ refuse })).start(aLease({ addresses }));
    expect(drive.lines()).toEqual([
      "0.000 configure 2001:db8::b to 5/9",
      "0.000 * confirm 1/1",
      "0.000 CONFIRM to all e=0 2001:db8::b",
    ]);
    const anew = ["0.000 * solicit 1/3", "0.000 SOLICIT to all e=0"];
    const expired = aLease({ addresses: addresses.slice(0, 1) });
    expect(new Drive().start(expired).lines()).toEqual(anew);
    const refused = new Drive(makeEnv({ refuse })).start(aLease({ addresses: addresses.slice(3) }));
    expect(refused.lines()).toEqual([
      "0.000 * ignored: stored lease of 2001:db8::bad not used: held by another identity",
      ...anew,
    ]);
  });
});

describe("the link changed", () => {
  test.each([
    ["bound", 5],
    ["renewing", 600],
    ["rebinding", 900],
  ])("while %s: confirmed within a second, in use meanwhile", (tag, at) => {
    const drive = bound().until(at);
    drive.lines();
    expect(drive.tag).toBe(tag);
    drive.put({ kind: "link-changed" }).until(at + 0.6);
    expect(drive.lines()).toEqual([
      `${at.toFixed(3)} * confirm 1/1`,
      `${at}.500 CONFIRM to all e=0 2001:db8::a`,
    ]);
    confirmed(drive, "success");
    expect(drive.lines()[0]).toBe(`${at}.600 * obtained 2001:db8::a by confirm`);
    expect(drive.tag).toBe(tag);
  });

  test("again and again: one CONFIRM at a time", () => {
    const drive = bound();
    for (const at of [5, 5.3, 5.7, 6, 6.4, 6.8]) drive.until(at).put({ kind: "link-changed" });
    expect(drive.times("CONFIRM")).toEqual([]);
    expect(drive.until(8).times("CONFIRM")).toEqual(["7.300"]);
  });

  test("without addresses: attempts start from 1", () => {
    const drive = new Drive().start();
    for (const [at, tag] of [
      [2, "soliciting"],
      [13, "waiting"],
      [100, "failed"],
    ] as const) {
      drive.until(at);
      expect(drive.tag).toBe(tag);
      const lines = drive.put({ kind: "link-changed" }).lines().slice(-2);
      expect(lines).toEqual([`${at}.000 * solicit 1/3`, `${at}.000 SOLICIT to all e=0`]);
    }
  });

  test("stopped: nothing", () => {
    expect(new Drive().put({ kind: "link-changed" }).lines()).toEqual([]);
  });
});

describe("the WAN is another network", () => {
  const anew = (stamp: string) => [`${stamp} * solicit 1/3`, `${stamp} SOLICIT to all e=0`];

  test.each([
    ["bound", 5],
    ["renewing", 600],
    ["rebinding", 900],
  ])("while %s: the addresses go at once, no server is told", (tag, at) => {
    const drive = bound().until(at);
    drive.lines();
    expect(drive.tag).toBe(tag);
    const stamp = at.toFixed(3);
    expect(drive.put({ kind: "moved" }).lines()).toEqual([
      `${stamp} deconfigure`,
      `${stamp} * lost 2001:db8::a: the WAN is another network now`,
      ...anew(stamp),
    ]);
  });

  test("a RELEASE or DECLINE under way is given up", () => {
    const drive = bound().put({ kind: "release" });
    drive.lines();
    expect(drive.put({ kind: "moved" }).until(100).lines()).toEqual([]);
    const declining = bound().dad(a);
    declining.lines();
    expect(declining.put({ kind: "moved" }).until(6).lines()).toEqual(anew("5.000"));
  });

  test("without addresses: attempts start from 1; stopped: nothing", () => {
    const drive = new Drive().start().until(100);
    drive.lines();
    expect(drive.put({ kind: "moved" }).lines()).toEqual(anew("100.000"));
    expect(new Drive().put({ kind: "moved" }).lines()).toEqual([]);
  });
});
