import { groupsOf, type Ip6, ip6FromBytes, ip6ToBytes, parseIp6 } from "./ip6.ts";
import { invalid, type Parsed, valid } from "./parsed.ts";

/** An IPv6 network: `address` has no bits set beyond `length`. */
export interface Cidr6 {
  readonly address: Ip6;
  /** Prefix length in bits, 0 to 128. */
  readonly length: number;
}

export const anywhere6: Cidr6 = { address: "::" as Ip6, length: 0 };
export const linkLocalNet: Cidr6 = { address: "fe80::" as Ip6, length: 64 };

/** The network of `length` bits that holds `ip`. */
export function networkOf6(ip: Ip6, length: number): Cidr6 {
  const bytes = ip6ToBytes(ip);
  for (let i = 0; i < 16; i++) {
    const bits = Math.min(8, Math.max(0, length - i * 8));
    bytes[i] = (bytes[i] ?? 0) & (0xff << (8 - bits));
  }
  return { address: ip6FromBytes(bytes), length };
}

export function contains6({ address, length }: Cidr6, ip: Ip6): boolean {
  const net = groupsOf(address);
  const groups = groupsOf(ip);
  for (let n = 0; n * 16 < length; n++) {
    const beyond = Math.max(0, (n + 1) * 16 - length);
    if ((groups[n] ?? 0) >>> beyond !== (net[n] ?? 0) >>> beyond) return false;
  }
  return true;
}

export const formatCidr6 = (net: Cidr6): string => `${net.address}/${net.length}`;

/** Reads a network such as `2001:db8::/32`; bits set beyond the length are an error. */
export function parseCidr6(text: string): Parsed<Cidr6> {
  const [ipText = "", lengthText = "", ...rest] = text.split("/");
  const ip = parseIp6(ipText);
  const length = /^\d{1,3}$/.test(lengthText) ? Number(lengthText) : -1;
  if (!ip.ok || length < 0 || length > 128 || rest.length > 0) {
    return invalid(`"${text.slice(0, 60)}" is not an IPv6 network such as 2001:db8::/32`);
  }
  const net = networkOf6(ip.value, length);
  if (net.address !== ip.value)
    return invalid(`"${text}" has bits beyond its prefix; ${formatCidr6(net)} is meant?`);
  return valid(net);
}

/** Each prefix once, in the order of their first mention. */
export const distinctCidrs6 = (prefixes: readonly Cidr6[]): Cidr6[] => [
  ...new Map(prefixes.map((prefix) => [formatCidr6(prefix), prefix])).values(),
];
