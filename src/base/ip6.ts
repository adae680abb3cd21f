import ipaddr from "ipaddr.js";
import { hexOf } from "./hex.ts";
import { groupsFromText, textFromGroups } from "./ip6-groups.ts";
import { type Mac, macToBytes } from "./mac.ts";
import { invalid, type Parsed, valid } from "./parsed.ts";
import { remembered } from "./remembered.ts";

declare const ip6Brand: unique symbol;
/** An IPv6 address as canonical text (RFC 5952), e.g. `2001:db8::1`; never with a zone. Usable as a Map key. */
export type Ip6 = string & { readonly [ip6Brand]: true };

export const anyIp6 = "::" as Ip6;
export const allNodes = "ff02::1" as Ip6;
export const allRouters = "ff02::2" as Ip6;
/** All_DHCP_Relay_Agents_and_Servers (RFC 8415 section 7.1). */
export const allDhcpServers = "ff02::1:2" as Ip6;

/** Reads any textual form without a zone; an IPv4-mapped address may end in dotted text. */
export function parseIp6(text: string): Parsed<Ip6> {
  const known = parsed.get(text);
  if (known) return known;
  const answer = parseAnew(text);
  if (parsed.size >= mostParsed) parsed.clear();
  if (text.length <= longestText) parsed.set(text, answer);
  return answer;
}

/** The same few addresses come again and again, and to parse one takes as long as to plan for it. */
const parsed = new Map<string, Parsed<Ip6>>();
const mostParsed = 4096;
const longestText = 45;

function parseAnew(text: string): Parsed<Ip6> {
  if (text.includes("%") || text.includes("/") || !ipaddr.IPv6.isValid(text)) {
    return invalid(`"${text.slice(0, 60)}" is not an IPv6 address such as 2001:db8::1`);
  }
  return valid(canonical(ipaddr.IPv6.parse(text)));
}

const canonical = (address: ipaddr.IPv6): Ip6 => address.toRFC5952String() as Ip6;

/** The canonical text of 16 octets at `offset`; octets past the end read as zero. */
export function ip6FromBytes(bytes: Uint8Array, offset = 0): Ip6 {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[offset + i] ?? 0) << 8) | (bytes[offset + i + 1] ?? 0));
  return textFromGroups(groups) as Ip6;
}

/** Its eight groups of 16 bits. */
export const groupsOf: (ip: Ip6) => readonly number[] = remembered(mostParsed, groupsFromText);

export function ip6ToBytes(ip: Ip6): Uint8Array {
  const groups = groupsOf(ip);
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 8; i++) {
    const group = groups[i] ?? 0;
    bytes[2 * i] = group >>> 8;
    bytes[2 * i + 1] = group;
  }
  return bytes;
}

export const isMulticastIp6 = (ip: Ip6): boolean => ip.startsWith("ff");
/** fe80::/10 (RFC 4291 section 2.5.6). */
export const isLinkLocal = (ip: Ip6): boolean => /^fe[89ab]/.test(ip);
/** Names a host beyond its link: neither unspecified, loopback, link-local nor multicast. */
export const isRoutableIp6 = (ip: Ip6): boolean =>
  ip !== anyIp6 && ip !== "::1" && !isLinkLocal(ip) && !isMulticastIp6(ip);

/** The modified EUI-64 of a MAC: 8 octets (RFC 4291 appendix A). */
export function interfaceId(mac: Mac): Uint8Array {
  const m = macToBytes(mac);
  return Uint8Array.of((m[0] ?? 0) ^ 2, m[1] ?? 0, m[2] ?? 0, 0xff, 0xfe, m[3] ?? 0, m[4] ?? 0, m[5] ?? 0);
}

/** The address with the first 64 bits of `prefix` and the MAC's EUI-64, as the kernel forms it (RFC 4862 section 5.5.3 d). */
export function eui64Address(prefix: Ip6, mac: Mac): Ip6 {
  const bytes = ip6ToBytes(prefix);
  bytes.set(interfaceId(mac), 8);
  return ip6FromBytes(bytes);
}

/** Whether its last half is as an EUI-64 that is made of a MAC. It may have been given out so, or rolled. */
export function looksMade(ip: Ip6): boolean {
  const bytes = ip6ToBytes(ip);
  return bytes[11] === 0xff && bytes[12] === 0xfe;
}

/** The link-local address an identity with this MAC has. */
export const linkLocalOf = (mac: Mac): Ip6 => eui64Address("fe80::" as Ip6, mac);

/** ff02::1:ffXX:XXXX (RFC 4291 section 2.7.1). */
export function solicitedNode(ip: Ip6): Ip6 {
  const from = ip6ToBytes(ip);
  const to = ip6ToBytes("ff02::1:ff00:0" as Ip6);
  to.set(from.subarray(13), 13);
  return ip6FromBytes(to);
}

/** The Ethernet group of a multicast address: 33:33 and its last 32 bits (RFC 2464 section 7). */
export function multicastMac(ip: Ip6): Mac {
  return `33:33:${hexOf(ip6ToBytes(ip).subarray(12), ":")}` as Mac;
}
