import { invalid, type Parsed, valid } from "./parsed.ts";

declare const macBrand: unique symbol;
/** A 48-bit MAC address as canonical text: lower case, colons, e.g. `02:00:5e:10:00:01`. Usable as a Map key. */
export type Mac = string & { readonly [macBrand]: true };

export const broadcastMac = "ff:ff:ff:ff:ff:ff" as Mac;
export const zeroMac = "00:00:00:00:00:00" as Mac;

const hex2: readonly string[] = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, "0"));

const canonical = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;

/** Reads `aa:bb:cc:dd:ee:ff`, `AA-BB-…` or `aabbccddeeff`. */
export function parseMac(text: string): Parsed<Mac> {
  if (canonical.test(text)) return valid(text as Mac);
  const hex = /^([0-9a-f]{2}([:-]?)[0-9a-f]{2}(?:\2[0-9a-f]{2}){4})$/i.test(text)
    ? text.replace(/[:-]/g, "")
    : "";
  if (hex.length !== 12)
    return invalid(`"${text.slice(0, 40)}" is not a MAC address such as 02:00:5e:10:00:01`);
  return valid((hex.toLowerCase().match(/../g) ?? []).join(":") as Mac);
}

/** The canonical text of six octets at `offset`; octets past the end read as zero. */
export function macFromBytes(bytes: Uint8Array, offset = 0): Mac {
  let text = hex2[bytes[offset] ?? 0] as string;
  for (let i = 1; i < 6; i++) text += `:${hex2[bytes[offset + i] ?? 0]}`;
  return text as Mac;
}

export function macToBytes(mac: Mac): Uint8Array {
  const bytes = new Uint8Array(6);
  for (let i = 0; i < 6; i++) bytes[i] = digitAt(mac, i * 3) * 16 + digitAt(mac, i * 3 + 1);
  return bytes;
}

/** They are written in lower case. */
function digitAt(mac: Mac, at: number): number {
  const code = mac.charCodeAt(at);
  return code < 0x3a ? code - 0x30 : code - 0x57;
}

const firstOctet = (mac: Mac): number => Number.parseInt(mac.slice(0, 2), 16);
/** Group bit (IEEE 802 I/G): multicast and broadcast. */
export const isMulticastMac = (mac: Mac): boolean => (firstOctet(mac) & 1) === 1;
/** Locally administered bit (IEEE 802 U/L): randomised MACs have it. */
export const isLocalMac = (mac: Mac): boolean => (firstOctet(mac) & 2) === 2;
/** The 12 hex digits without separators. */
export const macDigits = (mac: Mac): string => mac.replaceAll(":", "");
