import { invalid, type Parsed, valid } from "./parsed.ts";

declare const ip4Brand: unique symbol;
/** An IPv4 address as canonical dotted text, e.g. `192.0.2.7`. Usable as a Map key. */
export type Ip4 = string & { readonly [ip4Brand]: true };

export const anyIp4 = "0.0.0.0" as Ip4;
export const broadcastIp4 = "255.255.255.255" as Ip4;

/** By itself, and not by the library: tables of thousands are read again and again. */
const canonical = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** Reads four decimal octets; no octal, hexadecimal or shortened forms. */
export function parseIp4(text: string): Parsed<Ip4> {
  if (canonical.test(text)) return valid(text as Ip4);
  return invalid(`"${text.slice(0, 40)}" is not an IPv4 address such as 192.0.2.7`);
}

export const ip4FromBytes = (bytes: Uint8Array, offset = 0): Ip4 =>
  `${bytes[offset] ?? 0}.${bytes[offset + 1] ?? 0}.${bytes[offset + 2] ?? 0}.${bytes[offset + 3] ?? 0}` as Ip4;

const dot = 0x2e;
const zero = 0x30;

/** The address as an unsigned 32-bit number, most significant octet first. */
export function ip4ToNumber(ip: Ip4): number {
  let n = 0;
  let octet = 0;
  // By character: it is asked some dozens of times for each device that comes.
  for (let at = 0; at < ip.length; at++) {
    const code = ip.charCodeAt(at);
    if (code !== dot) octet = octet * 10 + code - zero;
    else {
      n = n * 256 + octet;
      octet = 0;
    }
  }
  return n * 256 + octet;
}

export const ip4FromNumber = (n: number): Ip4 =>
  `${(n >>> 24) & 255}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}` as Ip4;

export function ip4ToBytes(ip: Ip4): Uint8Array {
  const n = ip4ToNumber(ip);
  return Uint8Array.of((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
}

/** 0/8, 127/8, multicast, reserved and broadcast addresses never name a host on a link (RFC 6890). */
export function isHostIp4(ip: Ip4): boolean {
  const first = ip4ToNumber(ip) >>> 24;
  return first !== 0 && first !== 127 && first < 224;
}
