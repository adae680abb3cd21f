/** The values inside devices.json: JSON text on one side, base types on the other. */

import * as z from "zod/mini";
import { type Cidr4, formatCidr4, parseCidr4 } from "../base/cidr4.ts";
import { type Cidr6, formatCidr6, parseCidr6 } from "../base/cidr6.ts";
import { hexOf } from "../base/hex.ts";
import { type Ip4, isHostIp4, parseIp4 } from "../base/ip4.ts";
import { type Ip6, isRoutableIp6, parseIp6 } from "../base/ip6.ts";
import { isMulticastMac, type Mac, parseMac, zeroMac } from "../base/mac.ts";
import { must } from "../base/parsed.ts";
import { formatWall, parseWall, type WallTime, wallTime } from "../base/time.ts";

const text = (accept: (text: string) => boolean) => z.string().check(z.refine(accept));

/** Absent and null both read as null. */
export const maybe = <S extends z.ZodMiniType>(schema: S) => z._default(z.nullable(schema), null);

export const words = z._default(z.array(z.string()), []);

/** The MAC of one station. */
export const mac = z.codec(text(isStation), z.custom<Mac>(), {
  decode: (t) => must(parseMac(t)),
  encode: (m) => m,
});

function isStation(t: string): boolean {
  const parsed = parseMac(t);
  return parsed.ok && parsed.value !== zeroMac && !isMulticastMac(parsed.value);
}

export const ip4 = z.codec(
  text((t) => parseIp4(t).ok),
  z.custom<Ip4>(),
  { decode: (t) => must(parseIp4(t)), encode: (ip) => ip },
);

/** An address that a host on a link may have. */
export const host4 = z.codec(text(isHost), z.custom<Ip4>(), {
  decode: (t) => must(parseIp4(t)),
  encode: (ip) => ip,
});

function isHost(t: string): boolean {
  const parsed = parseIp4(t);
  return parsed.ok && isHostIp4(parsed.value);
}

export const cidr4 = z.codec(
  text((t) => parseCidr4(t).ok),
  z.custom<Cidr4>(),
  { decode: (t) => must(parseCidr4(t)), encode: formatCidr4 },
);

export const cidr6 = z.codec(
  text((t) => parseCidr6(t).ok),
  z.custom<Cidr6>(),
  { decode: (t) => must(parseCidr6(t)), encode: formatCidr6 },
);

/** Any IPv6 address, as of a name server. */
export const ip6 = z.codec(
  text((t) => parseIp6(t).ok),
  z.custom<Ip6>(),
  { decode: (t) => must(parseIp6(t)), encode: (ip) => ip },
);

/** An address that a host beyond the link may have. */
export const host6 = z.codec(text(isHost6), z.custom<Ip6>(), {
  decode: (t) => must(parseIp6(t)),
  encode: (ip) => ip,
});

function isHost6(t: string): boolean {
  const parsed = parseIp6(t);
  return parsed.ok && isRoutableIp6(parsed.value);
}

export const isIp6 = (t: string): boolean => parseIp6(t).ok;

/** One or more IPv6 addresses with commas between them. */
export const ip6List = text((t) => t.split(",").every((part) => isIp6(part.trim())));

/** Octets as hexadecimal digits. */
export const hex = z.codec(z.string().check(z.regex(/^(?:[0-9a-f]{2})*$/i)), z.custom<Uint8Array>(), {
  decode: (t) => Uint8Array.from(t.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
  encode: (bytes) => hexOf(bytes),
});

/** ISO 8601 with date and time; without a zone it is local time, as the original wrote it. */
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/;
export const readIso = (t: string): WallTime | undefined => (isoTime.test(t) ? parseWall(t) : undefined);

const isIso = (t: string): boolean => readIso(t) !== undefined;
const toWall = (t: string): WallTime => readIso(t) ?? wallTime(Number.NaN);

export const wall = z.codec(text(isIso), z.custom<WallTime>(), { decode: toWall, encode: formatWall });

const neverWall = wallTime(Number.POSITIVE_INFINITY);

/** A moment, or "never", which comes out as positive infinity. */
export const wallOrNever = z.codec(
  text((t) => t === "never" || isIso(t)),
  z.custom<WallTime>(),
  {
    decode: (t) => (t === "never" ? neverWall : toWall(t)),
    encode: encodeWallOrNever,
  },
);

export function encodeWallOrNever(t: WallTime): string {
  return t === neverWall ? "never" : formatWall(t);
}
