import { describe, expect, test } from "vitest";
import {
  ack,
  Drive,
  ip,
  makeEnv,
  nak,
  router,
  serving,
  settings,
  silent,
  stranger,
} from "./drive.fixture.ts";

/** Bound by a lease of `leaseTime` seconds whose REQUEST went out at 0.010; then the server falls silent. */
function bound(leaseTime: number, over = {}): Drive {
  const drive = new Drive();
  drive.server = serving({ leaseTime, ...over });
  drive.start().until(0.5);
  drive.server = silent;
  drive.lines();
  return drive;
}

test("DISCOVER, OFFER, REQUEST, ACK, two probes, the address, two announcements", () => {
  const drive = new Drive();
  drive.server = serving();
  expect(drive.start().until(10).lines()).toEqual([
    "0.000 * discover 1/3",
    "0.000 DISCOVER to all secs=0",
    "0.010 REQUEST to all secs=0 ip=192.0.2.10 server=192.0.2.1",
    "0.020 arp-probe 192.0.2.10",
    "0.220 arp-probe 192.0.2.10",
    "0.420 configure 192.0.2.10/24 to 3600.01",
    "0.420 arp-announce 192.0.2.10",
    "0.420 * obtained 192.0.2.10 by discover",
    "2.420 arp-announce 192.0.2.10",
  ]);
  expect(drive.wakeAt).toBe(10 + 1_800_000 * 0.99);
});

describe("RFC 2131 section 4.4.5 with nobody answering", () => {
  test("an hour: each REQUEST after half the time left, at least 60 s; unicast to T2, broadcast to the end", () => {
    const drive = bound(3600).until(3605);
    expect(drive.lines()).toEqual([
      "2.420 arp-announce 192.0.2.10",
      "1782.010 REQUEST to 192.0.2.1 secs=0 ciaddr=192.0.2.10",
      "2466.010 REQUEST to 192.0.2.1 secs=684 ciaddr=192.0.2.10",
      "2808.010 REQUEST to 192.0.2.1 secs=1026 ciaddr=192.0.2.10",
      "2979.010 REQUEST to 192.0.2.1 secs=1197 ciaddr=192.0.2.10",
      "3064.510 REQUEST to 192.0.2.1 secs=1282 ciaddr=192.0.2.10",
      "3124.510 REQUEST to 192.0.2.1 secs=1342 ciaddr=192.0.2.10",
      "3150.010 REQUEST to all secs=1368 ciaddr=192.0.2.10",
      "3375.010 REQUEST to all secs=1593 ciaddr=192.0.2.10",
      "3487.510 REQUEST to all secs=1705 ciaddr=192.0.2.10",
      "3547.510 REQUEST to all secs=1765 ciaddr=192.0.2.10",
      "3600.010 deconfigure 192.0.2.10",
      "3600.010 * lost 192.0.2.10: the lease ended and no server renewed it",
      "3600.010 * discover 1/3",
      "3600.010 DISCOVER to all secs=0",
      "3604.010 DISCOVER to all secs=4",
    ]);
  });

  test("20 s: retransmissions are at least 1 s apart", () => {
    expect(bound(20).until(20.5).lines()).toEqual([
      "2.420 arp-announce 192.0.2.10",
      "9.910 REQUEST to 192.0.2.1 secs=0 ciaddr=192.0.2.10",
      "13.710 REQUEST to 192.0.2.1 secs=3 ciaddr=192.0.2.10",
      "15.610 REQUEST to 192.0.2.1 secs=5 ciaddr=192.0.2.10",
      "16.610 REQUEST to 192.0.2.1 secs=6 ciaddr=192.0.2.10",
      "17.510 REQUEST to all secs=7 ciaddr=192.0.2.10",
      "18.760 REQUEST to all secs=8 ciaddr=192.0.2.10",
      "19.760 REQUEST to all secs=9 ciaddr=192.0.2.10",
      "20.010 deconfigure 192.0.2.10",
      "20.010 * lost 192.0.2.10: the lease ended and no server renewed it",
      "20.010 * discover 1/3",
      "20.010 DISCOVER to all secs=0",
    ]);
  });

  test("T1 and T2 of the server", () => {
    const lines = bound(3600, { renewalTime: 100, rebindingTime: 150 }).until(160).lines();
    expect(lines.slice(1)).toEqual([
      "99.010 REQUEST to 192.0.2.1 secs=0 ciaddr=192.0.2.10",
      "150.010 REQUEST to all secs=51 ciaddr=192.0.2.10",
    ]);
  });

  test("asleep past everything: one step to the end", () => {
    const drive = bound(3600);
    drive.now = 10_000_000 as typeof drive.now;
    drive.put({ kind: "timer" });
    expect(drive.lines()).toEqual([
      "10000.000 deconfigure 192.0.2.10",
      "10000.000 * lost 192.0.2.10: the lease ended and no server renewed it",
      "10000.000 * discover 1/3",
      "10000.000 DISCOVER to all secs=0",
    ]);
  });
});

describe("answers", () => {
  test("renewed: the lease counts from the REQUEST, the address is configured anew, the server's MAC followed", () => {
    const drive = bound(3600).until(1790);
    drive.lines();
    drive.message(ack(drive.lastSent, { dnsServers: [ip("192.0.2.53")] }), stranger);
    expect(drive.lines()).toEqual([
      "1790.000 configure 192.0.2.10/24 to 5382.01",
      "1790.000 * renewed 192.0.2.10 by renew",
    ]);
    expect(drive.state).toMatchObject({
      tag: "bound",
      held: { lease: { serverMac: stranger, dnsServers: ["192.0.2.53"], acquiredAt: 1_782_010 } },
    });
    expect(drive.wakeAt).toBe(1_782_010 + 1_782_000);
  });

  test("server back before the end: any server may extend while rebinding", () => {
    const drive = bound(3600).until(3200);
    drive.lines();
    drive.message(ack(drive.lastSent, { serverId: ip("192.0.2.2") }));
    expect(drive.lines()).toEqual([
      "3200.000 configure 192.0.2.10/24 to 6750.01",
      "3200.000 * renewed 192.0.2.10 by rebind",
    ]);
    expect(drive.state).toMatchObject({ held: { lease: { serverId: "192.0.2.2", serverMac: router } } });
  });

  test("a renewal without server-id keeps the known server; another server's is ignored while renewing", () => {
    const drive = bound(3600).until(1790);
    drive.lines();
    const { serverId: _, ...anonymous } = ack(drive.lastSent).options;
    drive.message(ack(drive.lastSent, { serverId: ip("192.0.2.2") }));
    drive.message({ ...ack(drive.lastSent), options: anonymous });
    expect(drive.lines()).toEqual([
      "1790.000 * ignored: ACK of 192.0.2.2, but 192.0.2.1 was asked",
      "1790.000 configure 192.0.2.10/24 to 5382.01",
      "1790.000 * renewed 192.0.2.10 by renew",
    ]);
    expect(drive.state).toMatchObject({ held: { lease: { serverId: "192.0.2.1" } } });
  });

  test.each([
    ["renewing", 1790],
    ["rebinding", 3200],
  ])("NAK while %s: the address goes at once", (tag, at) => {
    const drive = bound(3600).until(at);
    drive.lines();
    expect(drive.state.tag).toBe(tag);
    const stamp = at.toFixed(3);
    drive.message(nak(drive.lastSent, { message: "wrong network" }));
    expect(drive.lines()).toEqual([
      `${stamp} deconfigure 192.0.2.10`,
      `${stamp} * lost 192.0.2.10: server refused (NAK): wrong network`,
      `${stamp} * discover 1/3`,
      `${stamp} DISCOVER to all secs=0`,
    ]);
  });

  test("another address on renewal: the old one goes, the new one is probed and taken", () => {
    const drive = bound(3600).until(1790);
    drive.lines();
    drive.message(ack(drive.lastSent, {}, "192.0.2.77")).until(1793);
    expect(drive.lines()).toEqual([
      "1790.000 deconfigure 192.0.2.10",
      "1790.000 * lost 192.0.2.10: the server moved the device to 192.0.2.77",
      "1790.000 arp-probe 192.0.2.77",
      "1790.200 arp-probe 192.0.2.77",
      "1790.400 configure 192.0.2.77/24 to 5382.01",
      "1790.400 arp-announce 192.0.2.77",
      "1790.400 * obtained 192.0.2.77 by discover",
      "1792.400 arp-announce 192.0.2.77",
    ]);
  });

  test("late and doubled replies, and packets of other kinds, change nothing while bound", () => {
    const drive = bound(3600);
    const { state } = drive;
    drive.message(ack(drive.lastSent)).message(nak(drive.lastSent)).message(drive.lastSent);
    expect(drive.state).toBe(state);
    expect(drive.put({ kind: "timer" }).state).toEqual(state);
    expect(drive.lines()).toEqual([]);
  });
});

describe("lease times at the edges", () => {
  test("a lease confirmed after a retransmission counts from that retransmission", () => {
    const drive = new Drive();
    drive.server = (m) => (m.options.messageType === "discover" ? serving()(m) : []);
    drive.start().until(4.5);
    drive.message(ack(drive.lastSent)).until(5);
    expect(drive.lines().at(-3)).toBe("4.900 configure 192.0.2.10/24 to 3604.01");
  });

  test("over while its address is still probed: never used", () => {
    const drive = new Drive();
    drive.server = (m) => (m.options.messageType === "discover" ? serving()(m) : []);
    drive.start().until(0.8);
    drive.message(ack(drive.lastSent, { leaseTime: 1 })).until(2);
    expect(drive.lines().slice(-3)).toEqual([
      "0.800 arp-probe 192.0.2.10",
      "1.000 arp-probe 192.0.2.10",
      "1.200 * attempt 1/3 failed: the lease ended before it could be used",
    ]);
  });

  test("infinite: nothing is due ever again; a retry verifies it", () => {
    const drive = bound(0xffffffff).until(100_000);
    expect(drive.lines()).toEqual(["2.420 arp-announce 192.0.2.10"]);
    expect(drive.wakeAt).toBe(Number.POSITIVE_INFINITY);
    expect(drive.put({ kind: "retry" }).lines()).toEqual([
      "100000.000 * init-reboot 1/1",
      "100000.000 REQUEST to all secs=0 ip=192.0.2.10",
    ]);
    drive.until(100_016);
    expect(drive.lines().at(-1)).toBe("100015.000 * obtained 192.0.2.10 by kept");
  });

  test("1 s: renewed twice a second, no more", () => {
    const drive = new Drive();
    drive.server = serving({ leaseTime: 1 });
    drive.start().until(20);
    const renewals = drive.lines().filter((line) => line.includes("REQUEST to 192.0.2.1"));
    expect(renewals.slice(0, 4)).toEqual([
      "0.505 REQUEST to 192.0.2.1 secs=0 ciaddr=192.0.2.10",
      "1.000 REQUEST to 192.0.2.1 secs=0 ciaddr=192.0.2.10",
      "1.495 REQUEST to 192.0.2.1 secs=0 ciaddr=192.0.2.10",
      "1.990 REQUEST to 192.0.2.1 secs=0 ciaddr=192.0.2.10",
    ]);
    expect(renewals.length).toBe(40);
  });

  test("1 s and unanswered: a handful of packets, then it starts over", () => {
    expect(bound(1).until(1.5).lines()).toEqual([
      "0.505 REQUEST to 192.0.2.1 secs=0 ciaddr=192.0.2.10",
      "0.885 REQUEST to all secs=0 ciaddr=192.0.2.10",
      "1.010 deconfigure 192.0.2.10",
      "1.010 * lost 192.0.2.10: the lease ended and no server renewed it",
      "1.010 * discover 1/3",
      "1.010 DISCOVER to all secs=0",
    ]);
  });

  test("1 s, confirmed only after its end: never used", () => {
    const drive = new Drive(makeEnv({ settings: { ...settings, retries: 1 } }));
    drive.server = (m) => (m.options.messageType === "discover" ? serving()(m) : []);
    drive.start().until(1.2);
    drive.lines();
    drive.message(ack(drive.lastSent, { leaseTime: 1 })).until(16);
    expect(drive.lines()).toEqual([
      "1.200 * ignored: confirmation ignored: the lease had ended before it arrived",
      "4.010 REQUEST to all secs=0 ip=192.0.2.10 server=192.0.2.1",
      "12.010 REQUEST to all secs=0 ip=192.0.2.10 server=192.0.2.1",
      "15.000 * attempt 1/1 failed: confirmation ignored: the lease had ended before it arrived",
      "15.000 * failed: confirmation ignored: the lease had ended before it arrived",
    ]);
  });
});
