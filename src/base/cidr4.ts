import { type Ip4, ip4FromNumber, ip4ToNumber, parseIp4 } from "./ip4.ts";
import { invalid, type Parsed, valid } from "./parsed.ts";

/** An IPv4 network: `address` has no bits set beyond `length`. */
export interface Cidr4 {
  readonly address: Ip4;
  /** Prefix length in bits, 0 to 32. */
  readonly length: number;
}

/** An address on an interface together with its prefix length, as in `192.168.1.1/24`. */
export interface Interface4 {
  readonly ip: Ip4;
  readonly length: number;
}

export const maskNumber = (length: number): number =>
  length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;

/** The network of `length` bits that holds `ip`. */
export const networkOf = (ip: Ip4, length: number): Cidr4 => ({
  address: ip4FromNumber((ip4ToNumber(ip) & maskNumber(length)) >>> 0),
  length,
});

export const contains = (net: Cidr4, ip: Ip4): boolean =>
  (ip4ToNumber(ip) & maskNumber(net.length)) >>> 0 === ip4ToNumber(net.address);

/** The last address of the network: its directed broadcast address. */
export const lastAddress = (net: Cidr4): Ip4 =>
  ip4FromNumber((ip4ToNumber(net.address) | (~maskNumber(net.length) >>> 0)) >>> 0);

export const formatCidr4 = (net: Cidr4): string => `${net.address}/${net.length}`;

/** The length of a contiguous netmask such as 255.255.255.0, or undefined when its bits have a hole. */
export function maskLength(mask: Ip4): number | undefined {
  const n = ip4ToNumber(mask);
  const length = Math.clz32(~n >>> 0);
  return maskNumber(length) === n ? length : undefined;
}

/** Reads `192.168.1.1/24`: an address inside its network. */
export function parseInterface4(text: string): Parsed<Interface4> {
  const [ipText = "", lengthText = "", ...rest] = text.split("/");
  const ip = parseIp4(ipText);
  const length = /^\d{1,2}$/.test(lengthText) ? Number(lengthText) : -1;
  if (!ip.ok || length < 0 || length > 32 || rest.length > 0) {
    return invalid(`"${text.slice(0, 40)}" is not an address with a prefix length such as 192.168.1.1/24`);
  }
  return valid({ ip: ip.value, length });
}

/** Reads a network such as `10.0.0.0/8`; bits set beyond the length are an error. */
export function parseCidr4(text: string): Parsed<Cidr4> {
  const parsed = parseInterface4(text);
  if (!parsed.ok) return parsed;
  const net = networkOf(parsed.value.ip, parsed.value.length);
  if (net.address !== parsed.value.ip)
    return invalid(`"${text}" has bits beyond its prefix; ${formatCidr4(net)} is meant?`);
  return valid(net);
}
