import { describe, expect, test } from "vitest";
import { instant } from "../../base/time.ts";
import { ack, aLease, arp, Drive, ip, makeEnv, nak, serving, silent } from "./drive.fixture.ts";

const bound = () => {
  const drive = new Drive();
  drive.server = serving();
  drive.start().until(5);
  drive.server = silent;
  drive.lines();
  return drive;
};

describe("INIT-REBOOT with a stored lease (RFC 2131 sections 3.2 and 4.3.2)", () => {
  test("used at once, without probing; confirmed by an ACK", () => {
    const drive = new Drive().start(aLease()).until(0.5);
    expect(drive.lines()).toEqual([
      "0.000 configure 192.0.2.10/24 to 3600",
      "0.000 * init-reboot 1/1",
      "0.000 REQUEST to all secs=0 ip=192.0.2.10",
    ]);
    expect(drive.lastSent.options.serverId).toBeUndefined();
    drive.message(ack(drive.lastSent, { serverId: ip("192.0.2.2"), leaseTime: 7200 }));
    expect(drive.lines()).toEqual([
      "0.500 configure 192.0.2.10/24 to 7200",
      "0.500 * obtained 192.0.2.10 by init-reboot",
    ]);
    expect(drive.state.tag).toBe("bound");
  });

  test("refused: the address goes at once and a new one is asked for; a second NAK waits 1 s", () => {
    const drive = new Drive().start(aLease()).until(0.5);
    drive.lines();
    drive.message(nak(drive.lastSent, { message: "not here" }));
    drive.server = (m) => (m.options.messageType === "discover" ? serving()(m) : [nak(m)]);
    expect(drive.lines()).toEqual([
      "0.500 deconfigure 192.0.2.10",
      "0.500 * lost 192.0.2.10: server refused (NAK): not here",
      "0.500 * discover 1/3",
      "0.500 DISCOVER to all secs=0",
    ]);
    expect(drive.until(6).lines()).toEqual([
      "4.500 DISCOVER to all secs=4",
      "4.510 REQUEST to all secs=4 ip=192.0.2.10 server=192.0.2.1",
      "4.520 * attempt 1/3 failed: server refused (NAK)",
      "5.520 * discover 2/3",
      "5.520 DISCOVER to all secs=5",
      "5.530 REQUEST to all secs=5 ip=192.0.2.10 server=192.0.2.1",
      "5.540 * attempt 2/3 failed: server refused (NAK)",
    ]);
  });

  test("unanswered: kept, and renewed at its time", () => {
    const drive = new Drive().start(aLease({ renewAt: instant(20_000) })).until(21);
    expect(drive.lines()).toEqual([
      "0.000 configure 192.0.2.10/24 to 3600",
      "0.000 * init-reboot 1/1",
      "0.000 REQUEST to all secs=0 ip=192.0.2.10",
      "4.000 REQUEST to all secs=4 ip=192.0.2.10",
      "12.000 REQUEST to all secs=12 ip=192.0.2.10",
      "15.000 * obtained 192.0.2.10 by kept",
      "20.000 REQUEST to 192.0.2.1 secs=0 ciaddr=192.0.2.10",
    ]);
  });

  test("unanswered past T2: rebinding; past the end: over", () => {
    const times = { renewAt: instant(-3000), rebindAt: instant(2000), expiresAt: instant(40_000) };
    const late = new Drive().start(aLease(times)).until(16);
    expect(late.lines().slice(-2)).toEqual([
      "15.000 * obtained 192.0.2.10 by kept",
      "15.000 REQUEST to all secs=0 ciaddr=192.0.2.10",
    ]);
    const over = new Drive().start(aLease({ ...times, expiresAt: instant(9000) })).until(9.5);
    expect(over.lines().slice(-4)).toEqual([
      "9.000 deconfigure 192.0.2.10",
      "9.000 * lost 192.0.2.10: the lease ended and no server renewed it",
      "9.000 * discover 1/3",
      "9.000 DISCOVER to all secs=0",
    ]);
  });

  test("expired, or not allowed here any more: not used at all", () => {
    expect(new Drive().start(aLease({ expiresAt: instant(0) })).lines()).toEqual([
      "0.000 * discover 1/3",
      "0.000 DISCOVER to all secs=0",
    ]);
    const refusing = makeEnv({ refuse: () => "it lies inside our LAN" });
    expect(new Drive(refusing).start(aLease()).lines()).toEqual([
      "0.000 * ignored: stored lease of 192.0.2.10 not used: it lies inside our LAN",
      "0.000 * discover 1/3",
      "0.000 DISCOVER to all secs=0",
    ]);
  });
});

describe("the link changed", () => {
  test.each([
    ["bound", 5],
    ["renewing", 1800],
    ["rebinding", 3200],
  ])("while %s: the lease is verified and stays in use", (tag, at) => {
    const drive = bound().until(at);
    drive.lines();
    expect(drive.state.tag).toBe(tag);
    const stamp = at.toFixed(3);
    expect(drive.put({ kind: "link-changed" }).lines()).toEqual([
      `${stamp} * init-reboot 1/1`,
      `${stamp} REQUEST to all secs=0 ip=192.0.2.10`,
    ]);
    drive.message(nak(drive.lastSent));
    expect(drive.lines()).toEqual([
      `${stamp} deconfigure 192.0.2.10`,
      `${stamp} * lost 192.0.2.10: server refused (NAK)`,
      `${stamp} * discover 1/3`,
      `${stamp} DISCOVER to all secs=0`,
    ]);
  });

  test("unanswered: the lease is kept", () => {
    const drive = bound().put({ kind: "link-changed" }).until(21);
    expect(drive.lines().at(-1)).toBe("20.000 * obtained 192.0.2.10 by kept");
    expect(drive.state.tag).toBe("bound");
  });

  test("without an address: attempts start from 1", () => {
    const drive = new Drive().start().until(50);
    drive.lines();
    for (const at of [50, 66, 200]) {
      const line = drive.until(at).put({ kind: "link-changed" }).lines().slice(-2);
      expect(line).toEqual([`${at}.000 * discover 1/3`, `${at}.000 DISCOVER to all secs=0`]);
    }
  });
});

describe("retry", () => {
  test("bound: renews now; renewing and rebinding: asks again now", () => {
    const drive = bound().put({ kind: "retry" });
    expect(drive.lines()).toEqual(["5.000 REQUEST to 192.0.2.1 secs=0 ciaddr=192.0.2.10"]);
    drive.until(6).put({ kind: "retry" });
    expect(drive.lines()).toEqual(["6.000 REQUEST to 192.0.2.1 secs=0 ciaddr=192.0.2.10"]);
    drive.until(3160);
    drive.lines();
    expect(drive.put({ kind: "retry" }).lines()).toEqual([
      "3160.000 REQUEST to all secs=0 ciaddr=192.0.2.10",
    ]);
  });

  test("failed: attempts start from 1 at once; stopped: nothing", () => {
    const drive = new Drive().put({ kind: "retry" });
    expect(drive.lines()).toEqual([]);
    drive.start().until(100);
    drive.lines();
    expect(drive.put({ kind: "retry" }).lines()).toEqual([
      "100.000 * discover 1/3",
      "100.000 DISCOVER to all secs=0",
    ]);
  });
});

describe("release", () => {
  test("with an address: RELEASE from it to the server, then it goes", () => {
    const drive = bound().put({ kind: "release" });
    expect(drive.lines()).toEqual([
      "5.000 RELEASE to 192.0.2.1 secs=0 ciaddr=192.0.2.10 server=192.0.2.1",
      "5.000 deconfigure 192.0.2.10",
      "5.000 * released 192.0.2.10",
    ]);
    expect(drive.state).toEqual({ tag: "stopped" });
    expect(drive.put({ kind: "timer" }).put(arp("192.0.2.10")).lines()).toEqual([]);
  });

  test("while probing: RELEASE, nothing to take off", () => {
    const drive = new Drive();
    drive.server = serving();
    drive.start().until(0.1);
    drive.lines();
    expect(drive.put({ kind: "release" }).lines()).toEqual([
      "0.100 RELEASE to 192.0.2.1 secs=0 ciaddr=192.0.2.10 server=192.0.2.1",
      "0.100 * released 192.0.2.10",
    ]);
  });

  test("without a lease: silence", () => {
    for (const at of [1, 17, 100]) {
      const drive = new Drive().start().until(at);
      drive.lines();
      expect(drive.put({ kind: "release" }).until(5000).lines()).toEqual([]);
      expect(drive.state).toEqual({ tag: "stopped" });
    }
  });
});
