/** What a frame is, in a few words for a person. */
import { ip4FromBytes } from "../base/ip4.ts";
import { etherTypeOf, etherTypes } from "./ethernet.ts";

const otherTypes: ReadonlyMap<number, string> = new Map([
  [0x8100, "a VLAN's frame"],
  [0x8863, "PPPoE discovery"],
  [0x888e, "EAPOL (802.1X)"],
  [0x88cc, "LLDP"],
  [0x893a, "IEEE 1905"],
]);

/** Types of ICMPv6: RFC 4861, 2710, 3810. */
const icmp6: ReadonlyMap<number, string> = new Map([
  [130, "MLD query"],
  [131, "MLD report"],
  [132, "MLD done"],
  [133, "IPv6 router solicitation"],
  [134, "IPv6 router advertisement"],
  [135, "IPv6 neighbour solicitation"],
  [136, "IPv6 neighbour advertisement"],
  [143, "MLD report"],
]);

/** UDP ports of servers and clients by whose numbers a protocol is known. */
const udpNames: ReadonlyMap<number, string> = new Map([
  [53, "DNS"],
  [67, "DHCP"],
  [68, "DHCP"],
  [123, "NTP"],
  [546, "DHCPv6"],
  [547, "DHCPv6"],
  [1900, "SSDP"],
  [5353, "mDNS"],
]);

/** Of any bytes: what cannot be read is told by its numbers. */
export function frameKind(frame: Uint8Array): string {
  const type = etherTypeOf(frame);
  const u8 = (at: number): number => frame[at] ?? 0;
  if (type === etherTypes.arp) return arpKind(frame);
  if (type === etherTypes.ipv4) return ipKind("IPv4", u8(23), frame, 14 + (u8(14) & 15) * 4);
  if (type === etherTypes.ipv6) return ipv6Kind(frame);
  if (type < 0x0600) return u8(14) === 0x42 ? "spanning tree (BPDU)" : "IEEE 802.3 (LLC)";
  return otherTypes.get(type) ?? `EtherType 0x${type.toString(16).padStart(4, "0")}`;
}

function arpKind(frame: Uint8Array): string {
  if (frame.length < 42) return "ARP";
  return frame[21] === 2
    ? `ARP reply for ${ip4FromBytes(frame, 28)}`
    : `ARP request for ${ip4FromBytes(frame, 38)}`;
}

/** Reports of groups have a hop-by-hop option before them (RFC 3810 section 5). */
function ipv6Kind(frame: Uint8Array): string {
  const next = frame[20] ?? 0;
  const at = next === 0 ? 54 + ((frame[55] ?? 0) + 1) * 8 : 54;
  return ipKind("IPv6", next === 0 ? (frame[54] ?? 0) : next, frame, at);
}

function ipKind(family: "IPv4" | "IPv6", protocol: number, frame: Uint8Array, at: number): string {
  const u16 = (offset: number): number => ((frame[offset] ?? 0) << 8) | (frame[offset + 1] ?? 0);
  if (protocol === 58 && family === "IPv6") return icmp6.get(frame[at] ?? 0) ?? "ICMPv6";
  if (protocol === 17)
    return udpNames.get(u16(at + 2)) ?? udpNames.get(u16(at)) ?? `${family} UDP to port ${u16(at + 2)}`;
  if (protocol === 6) return `${family} TCP to port ${u16(at + 2)}`;
  if (protocol === 1 && family === "IPv4") return "ICMP";
  if (protocol === 2 && family === "IPv4") return "IGMP";
  return `${family} protocol ${protocol}`;
}
