import { expect, test } from "vitest";
import { anyIp4, broadcastIp4, parseIp4 } from "../base/ip4.ts";
import { allNodes, linkLocalOf } from "../base/ip6.ts";
import { broadcastMac, parseMac } from "../base/mac.ts";
import { must } from "../base/parsed.ts";
import { emitArpReply, emitArpRequest } from "./arp.ts";
import { emitEthernet } from "./ethernet.ts";
import { frameKind } from "./frame-kind.ts";
import { emitIpv4 } from "./ipv4.ts";
import { emitIpv6 } from "./ipv6.ts";
import { emitUdp } from "./udp.ts";

const mac = must(parseMac("02:00:00:00:00:0a"));
const router = must(parseIp4("192.0.2.1"));
const host = must(parseIp4("192.0.2.9"));
const ethernet = (etherType: number, payload: readonly number[] | Uint8Array): Uint8Array =>
  emitEthernet({ destination: broadcastMac, source: mac, etherType, payload: Uint8Array.from(payload) });
const four = (protocol: number, payload: readonly number[]): Uint8Array =>
  ethernet(
    0x0800,
    emitIpv4({
      ...{ source: anyIp4, destination: broadcastIp4, ttl: 64 },
      ...{ protocol, payload: Uint8Array.from(payload) },
    }),
  );
const udp = (sourcePort: number, destinationPort: number): Uint8Array => {
  const addresses = { source: anyIp4, destination: broadcastIp4 };
  return four(17, [...emitUdp({ sourcePort, destinationPort, payload: new Uint8Array(8) }, addresses)]);
};
const six = (nextHeader: number, payload: readonly number[]): Uint8Array =>
  ethernet(
    0x86dd,
    emitIpv6({
      ...{ source: linkLocalOf(mac), destination: allNodes, hopLimit: 255 },
      ...{ nextHeader, payload: Uint8Array.from(payload) },
    }),
  );

test.each([
  [emitArpRequest({ senderMac: mac, senderIp: host, targetIp: router }), "ARP request for 192.0.2.1"],
  [
    emitArpReply({ senderMac: mac, senderIp: host, targetMac: mac, targetIp: router }),
    "ARP reply for 192.0.2.9",
  ],
  [udp(68, 67), "DHCP"],
  [udp(40_000, 53), "DNS"],
  [udp(123, 40_000), "NTP"],
  [udp(40_000, 9), "IPv4 UDP to port 9"],
  [four(6, [0x9c, 0x40, 0x01, 0xbb]), "IPv4 TCP to port 443"],
  [four(2, [0x16, 0]), "IGMP"],
  [four(1, [8, 0]), "ICMP"],
  [four(47, [0, 0]), "IPv4 protocol 47"],
  [six(58, [135, 0]), "IPv6 neighbour solicitation"],
  [six(58, [133, 0]), "IPv6 router solicitation"],
  [six(58, [128, 0]), "ICMPv6"],
  [six(0, [58, 0, 5, 2, 0, 0, 1, 0, 143, 0]), "MLD report"],
  [six(17, [0x02, 0x22, 0x02, 0x23, 0, 8, 0, 0]), "DHCPv6"],
  [ethernet(0x88cc, [2, 7]), "LLDP"],
  [ethernet(0x88b5, [0]), "EtherType 0x88b5"],
  [ethernet(38, [0x42, 0x42, 3]), "spanning tree (BPDU)"],
  [new Uint8Array(), "IEEE 802.3 (LLC)"],
])("%#: %s is told as %s", (frame, kind) => {
  expect(frameKind(frame)).toBe(kind);
});

test("whatever the bytes, there is a word for them", () => {
  for (let length = 0; length < 80; length++)
    for (const type of [0x0806, 0x0800, 0x86dd]) {
      const frame = new Uint8Array(length).fill(0xff);
      frame.set([type >> 8, type & 0xff].slice(0, Math.max(0, length - 12)), Math.min(12, length));
      expect(frameKind(frame)).not.toBe("");
    }
});
