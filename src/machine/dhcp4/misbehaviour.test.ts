/** One answer for each way in which servers misbehave. */
import { describe, expect, test } from "vitest";
import type { Dhcp4Message, Dhcp4Options } from "../../wire/dhcp4/message.ts";
import { ack, Drive, ip, makeEnv, nak, offer, serving, settings, stranger } from "./drive.fixture.ts";

const once = { ...settings, retries: 1 };
const without = (message: Dhcp4Message, key: keyof Dhcp4Options): Dhcp4Message => {
  const { [key]: _, ...options } = message.options;
  return { ...message, options };
};
const requesting = () => {
  const drive = new Drive(makeEnv({ settings: once }));
  drive.server = (m) => (m.options.messageType === "discover" ? [offer(m)] : []);
  drive.start().until(1);
  drive.lines();
  return drive;
};

describe("offers that are not taken, and become the reason of the failure", () => {
  const refused: readonly [string, (sent: Dhcp4Message) => Dhcp4Message, string][] = [
    ["no server-id", (m) => without(offer(m), "serverId"), "it names no server"],
    [
      "a server-id that names no host",
      (m) => offer(m, { serverId: ip("255.255.255.255") }),
      "its server 255.255.255.255 is not a host address",
    ],
    ["no address", (m) => offer(m, {}, "0.0.0.0"), "0.0.0.0 is not a host address"],
    ["a multicast address", (m) => offer(m, {}, "224.0.0.9"), "224.0.0.9 is not a host address"],
    ["no lease time", (m) => without(offer(m), "leaseTime"), "it has no lease time"],
    ["lease time 0", (m) => offer(m, { leaseTime: 0 }), "its lease time is 0"],
    ["an address of our LAN", (m) => offer(m, {}, "192.168.1.7"), "192.168.1.7: it lies inside our LAN"],
  ];
  test.each(refused)("%s", (_, answer, why) => {
    const refuse = (address: string) =>
      address.startsWith("192.168.1.") ? "it lies inside our LAN" : undefined;
    const drive = new Drive(makeEnv({ settings: once, refuse }));
    drive.server = (m) => (m.secs === 0 ? [answer(m)] : []);
    expect(drive.start().until(16).lines()).toEqual([
      "0.000 * discover 1/1",
      "0.000 DISCOVER to all secs=0",
      `0.010 * ignored: offer ignored: ${why}`,
      "4.000 DISCOVER to all secs=4",
      "12.000 DISCOVER to all secs=12",
      `15.000 * attempt 1/1 failed: offer ignored: ${why}`,
      `15.000 * failed: offer ignored: ${why}`,
    ]);
  });

  test("a bad offer does not keep a good one of another server out", () => {
    const drive = new Drive();
    drive.server = (m) =>
      m.options.messageType === "discover"
        ? [offer(m, { leaseTime: 0 }), offer(m, { serverId: ip("192.0.2.2") })]
        : [ack(m, { serverId: ip("192.0.2.2") })];
    expect(drive.start().until(1).lines().at(-1)).toBe("0.420 * obtained 192.0.2.10 by discover");
  });
});

describe("replies that are not ours", () => {
  const strangers: readonly [string, (sent: Dhcp4Message) => Dhcp4Message, string[]][] = [
    ["wrong xid", (m) => ({ ...offer(m), xid: m.xid + 1 }), ["ignored: reply to another exchange (xid)"]],
    ["another chaddr", (m) => ({ ...offer(m), chaddr: stranger }), []],
    ["not a reply", (m) => ({ ...offer(m), op: "request" }), []],
    [
      "another client-id (RFC 6842)",
      (m) => offer(m, { clientId: Uint8Array.of(1, 2) }),
      ["ignored: reply with another client identifier"],
    ],
    [
      "the beginning of our client-id",
      (m) => offer(m, { clientId: Uint8Array.of(1, 0) }),
      ["ignored: reply with another client identifier"],
    ],
    ["ACK to a DISCOVER", (m) => ack(m), ["ignored: ACK to a DISCOVER"]],
    ["NAK to a DISCOVER", (m) => nak(m), ["ignored: NAK to a DISCOVER"]],
    ["no message type", (m) => without(offer(m), "messageType"), ["ignored: reply of type none"]],
  ];
  test.each(strangers)("%s", (_, answer, events) => {
    const drive = new Drive(makeEnv({ settings: once })).start().until(1);
    drive.lines();
    drive.message(answer(drive.lastSent)).until(16);
    expect(drive.lines()).toEqual([
      ...events.map((event) => `1.000 * ${event}`),
      "4.000 DISCOVER to all secs=4",
      "12.000 DISCOVER to all secs=12",
      "15.000 * attempt 1/1 failed: no answer to DHCP: is this MAC registered?",
      "15.000 * failed: no answer to DHCP: is this MAC registered?",
    ]);
  });

  test("a reply that echoes our client-id is ours", () => {
    const drive = new Drive(makeEnv({ fingerprint: { clientId: Uint8Array.of(255, 9, 9) } }));
    drive.server = serving({ clientId: Uint8Array.of(255, 9, 9) });
    expect(drive.start().until(1).lines().at(-1)).toBe("0.420 * obtained 192.0.2.10 by discover");
  });
});

describe("to the REQUEST", () => {
  test("other servers' and anonymous ACKs and NAKs are ignored, doubled OFFERs not even remarked", () => {
    const drive = requesting();
    const sent = drive.lastSent;
    drive.message(offer(sent)).message(offer(sent, { serverId: ip("192.0.2.2") }));
    drive.message(ack(sent, { serverId: ip("192.0.2.2") })).message(nak(sent, { serverId: ip("192.0.2.2") }));
    drive.message(without(ack(sent), "serverId")).message(without(nak(sent), "serverId"));
    drive.message({ ...ack(sent), xid: 7 });
    expect(drive.lines()).toEqual([
      "1.000 * ignored: ACK of 192.0.2.2, but 192.0.2.1 was chosen",
      "1.000 * ignored: NAK of 192.0.2.2, but 192.0.2.1 was chosen",
      "1.000 * ignored: ACK names no server",
      "1.000 * ignored: NAK names no server",
      "1.000 * ignored: reply to another exchange (xid)",
    ]);
    expect(drive.message(ack(sent)).lines()).toEqual(["1.000 arp-probe 192.0.2.10"]);
  });

  test.each([
    ["no lease time", (m: Dhcp4Message) => without(ack(m), "leaseTime"), "it has no lease time"],
    ["lease time 0", (m: Dhcp4Message) => ack(m, { leaseTime: 0 }), "its lease time is 0"],
    ["no address", (m: Dhcp4Message) => ack(m, {}, "0.0.0.0"), "0.0.0.0 is not a host address"],
  ])("an ACK with %s grants nothing", (_, answer, why) => {
    const drive = requesting();
    drive.message(answer(drive.lastSent));
    expect(drive.lines()).toEqual([`1.000 * ignored: confirmation ignored: ${why}`]);
    expect(drive.until(16).lines().at(-1)).toBe(`15.000 * failed: confirmation ignored: ${why}`);
  });

  test("an ACK for another address than offered: what is confirmed counts", () => {
    const drive = requesting();
    drive.message(ack(drive.lastSent, {}, "192.0.2.11")).until(2);
    expect(drive.lines().at(-1)).toBe("1.400 * obtained 192.0.2.11 by discover");
  });

  test("a renewal that makes no sense leaves the lease as it is", () => {
    const drive = new Drive();
    drive.server = serving();
    drive.start().until(1);
    drive.server = (m) => [ack(m, { leaseTime: 0 }), offer(m), ack(m, { serverId: ip("127.0.0.1") })];
    drive.until(1790);
    expect(drive.lines().slice(-3)).toEqual([
      "1782.020 * ignored: confirmation ignored: its lease time is 0",
      "1782.020 * ignored: OFFER to a REQUEST",
      "1782.020 * ignored: ACK names 127.0.0.1 as its server",
    ]);
    expect(drive.state.tag).toBe("renewing");
  });
});
