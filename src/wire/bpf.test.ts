import { expect, test } from "vitest";
import { anyIp4, broadcastIp4 } from "../base/ip4.ts";
import { allNodes, linkLocalOf } from "../base/ip6.ts";
import { broadcastMac, macFromBytes, parseMac, zeroMac } from "../base/mac.ts";
import { must } from "../base/parsed.ts";
import { emitArpProbe } from "./arp.ts";
import { runBpf as run } from "./bpf.fixture.ts";
import { arpOrUdpTo, echoAnswers, leavingArp, leavingUnderOthers, wanFilter } from "./bpf.ts";
import { emitEthernet } from "./ethernet.ts";
import { emitIpv4 } from "./ipv4.ts";
import { emitIpv6 } from "./ipv6.ts";
import { emitUdp } from "./udp.ts";

const mac = must(parseMac("02:00:00:00:00:0a"));
const ethernet = (etherType: number, payload: Uint8Array): Uint8Array =>
  emitEthernet({ destination: broadcastMac, source: mac, etherType, payload });

function udpPacket(destinationPort: number, protocol = 17): Uint8Array {
  const addresses = { source: anyIp4, destination: broadcastIp4 };
  const payload = emitUdp({ sourcePort: 68, destinationPort, payload: new Uint8Array(300) }, addresses);
  return emitIpv4({ ...addresses, protocol, ttl: 64, payload });
}

/** The UDP frame with some bytes of its IPv4 header changed; the filter looks at no checksum. */
function udpFrame(destinationPort: number, changes: Readonly<Record<number, number>> = {}): Uint8Array {
  const packet = udpPacket(destinationPort);
  for (const [offset, byte] of Object.entries(changes)) packet[Number(offset)] = byte;
  return ethernet(0x0800, packet);
}

/** Four bytes of options between header and UDP; without moving the UDP header they would be read as its ports. */
function withIpOptions(destinationPort: number): Uint8Array {
  const packet = udpPacket(destinationPort);
  const longer = Uint8Array.from([...packet.subarray(0, 20), 0, 67, 0, 67, ...packet.subarray(20)]);
  longer[0] = 0x46;
  return ethernet(0x0800, longer);
}

const whole = 0x40000;
const arp = emitArpProbe(mac, anyIp4);

test.each([
  ["ARP", arp, whole],
  ["ARP, cut after its EtherType", arp.subarray(0, 14), whole],
  ["UDP to 68", udpFrame(68), whole],
  ["UDP to 68, don't fragment", udpFrame(68, { 6: 0x40 }), whole],
  ["UDP to 68 behind IPv4 options", withIpOptions(68), whole],
  ["UDP to 67", udpFrame(67), 0],
  ["UDP to 67 behind IPv4 options", withIpOptions(67), 0],
  ["UDP from 68 to 1068", udpFrame(1068), 0],
  ["a later fragment", udpFrame(68, { 6: 0x00, 7: 0x01 }), 0],
  ["the last bit of the fragment offset", udpFrame(68, { 6: 0x10 }), 0],
  ["TCP to 68", ethernet(0x0800, udpPacket(68, 6)), 0],
  ["ICMP", ethernet(0x0800, udpPacket(68, 1)), 0],
  ["IPv6", ethernet(0x86dd, udpPacket(68)), 0],
  ["VLAN", ethernet(0x8100, udpPacket(68)), 0],
  ["IPv4, cut inside its header", udpFrame(68).subarray(0, 22), 0],
  ["UDP, cut before its destination port", udpFrame(68).subarray(0, 37), 0],
  ["UDP, cut behind its destination port", udpFrame(68).subarray(0, 38), whole],
  ["a header without EtherType", arp.subarray(0, 12), 0],
  ["nothing", new Uint8Array(), 0],
  ["zeros", ethernet(0, new Uint8Array(60)), 0],
])("arpOrUdpTo(68): %s", (_, frame, verdict) => {
  expect(run(arpOrUdpTo(68), frame)).toBe(verdict);
});

test("arpOrUdpTo(67) hears clients, not servers", () => {
  expect(run(arpOrUdpTo(67), udpFrame(67))).toBe(whole);
  expect(run(arpOrUdpTo(67), udpFrame(68))).toBe(0);
  expect(run(arpOrUdpTo(67), withIpOptions(67))).toBe(whole);
  expect(run(arpOrUdpTo(67), emitArpProbe(zeroMac, anyIp4))).toBe(whole);
});

/** An IPv6 frame whose payload starts with these bytes. */
function ipv6Frame(nextHeader: number, payload: readonly number[]): Uint8Array {
  const [source, destination] = [linkLocalOf(mac), allNodes];
  const packet = { source, destination, nextHeader, hopLimit: 255, payload: Uint8Array.from(payload) };
  return ethernet(0x86dd, emitIpv6(packet));
}

const udp6 = (port: number): Uint8Array => ipv6Frame(17, [0x02, 0x23, port >> 8, port & 0xff, 0, 8, 0, 0]);

test.each([
  ["ARP", arp, whole],
  ["IPv4 UDP to 68", udpFrame(68), whole],
  ["IPv4 UDP to 68 behind IPv4 options", withIpOptions(68), whole],
  ["IPv4 UDP to 546", udpFrame(546), 0],
  ["a later IPv4 fragment", udpFrame(68, { 7: 0x01 }), 0],
  ["IPv6 UDP to 546", udp6(546), whole],
  ["IPv6 UDP to 68", udp6(68), 0],
  ["IPv6 UDP from 547 to 547", udp6(547), 0],
  ["IPv6 UDP, cut before its destination port", udp6(546).subarray(0, 57), 0],
  ["IPv6 TCP to 546", ipv6Frame(6, [0x02, 0x23, 0x02, 0x22, 0, 8]), 0],
  ["echo request", ipv6Frame(58, [128, 0]), 0],
  ["multicast listener report", ipv6Frame(58, [143, 0]), 0],
  ["router solicitation", ipv6Frame(58, [133, 0]), 0],
  ["router advertisement", ipv6Frame(58, [134, 0]), whole],
  ["neighbour solicitation", ipv6Frame(58, [135, 0]), whole],
  ["neighbour advertisement", ipv6Frame(58, [136, 0]), whole],
  ["redirect", ipv6Frame(58, [137, 0]), 0],
  ["a router advertisement behind options", ipv6Frame(0, [58, 0, 1, 4, 0, 0, 0, 0, 134, 0]), 0],
  ["a fragment", ipv6Frame(44, [58, 0, 0, 0, 0, 0, 0, 0, 134, 0]), 0],
  ["IPv6, cut inside its header", udp6(546).subarray(0, 20), 0],
  ["ICMPv6, cut before its type", ipv6Frame(58, [134, 0]).subarray(0, 54), 0],
  ["VLAN", ethernet(0x8100, udpPacket(68)), 0],
  ["nothing", new Uint8Array(), 0],
])("wanFilter: %s", (_, frame, verdict) => {
  expect(run(wanFilter, frame)).toBe(verdict);
});

test.each([
  ["arpOrUdpTo(68)", arpOrUdpTo(68)],
  ["wanFilter", wanFilter],
  ["leavingArp", leavingArp],
  ["echoAnswers", echoAnswers],
])("every jump of %s lands inside the program", (_, program) => {
  for (const [pc, { jt, jf }] of program.entries()) {
    expect(Math.min(jt, jf)).toBeGreaterThanOrEqual(0);
    expect(pc + 1 + Math.max(jt, jf)).toBeLessThanOrEqual(program.length - (jt + jf > 0 ? 1 : 0));
  }
  expect(program.at(-1)?.code).toBe(0x06);
});

test.each([
  [1, whole],
  [2, 0],
  [3, whole],
  [128, 0],
  [129, whole],
  [134, 0],
])("echoAnswers: ICMPv6 type %i", (type, verdict) => {
  expect(run(echoAnswers, ipv6Frame(58, [type, 0]))).toBe(verdict);
  expect(run(echoAnswers, ipv6Frame(17, [type, 0]))).toBe(0);
  expect(run(echoAnswers, udpFrame(type))).toBe(0);
});

const [incoming, outgoing] = [0, 4];
const headers = 128;
const macOf = (n: number) =>
  macFromBytes(Uint8Array.from([2, 0, (n * 37) & 0xff, (n * 91) & 0xff, n >> 8, n & 0xff]));
const from = (source: ReturnType<typeof macOf>) =>
  emitEthernet({ destination: broadcastMac, source, etherType: 0x0800, payload: new Uint8Array(46) });

test("leavingArp hears ARP that this host sends, and nothing else", () => {
  expect(run(leavingArp, arp, outgoing)).toBe(headers);
  expect(run(leavingArp, arp, incoming)).toBe(0);
  expect(run(leavingArp, udpFrame(68), outgoing)).toBe(0);
});

test.each([0, 1, 7, 8, 9, 16, 17, 100, 1000])(
  "leavingUnderOthers passes %i MACs over, and no other",
  (count) => {
    const known = Array.from({ length: count }, (_, n) => macOf(n));
    const program = leavingUnderOthers(known);
    expect(program.length).toBeLessThan(6 + count * 2);
    for (const one of known) expect(run(program, from(one), outgoing)).toBe(0);
    for (let n = count; n < count + 300; n++) {
      expect(run(program, from(macOf(n)), outgoing)).toBe(headers);
      expect(run(program, from(macOf(n)), incoming)).toBe(0);
    }
  },
);
