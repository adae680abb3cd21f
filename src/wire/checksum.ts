/** The Internet checksum (RFC 1071). */
import { type Ip4, ip4ToNumber } from "../base/ip4.ts";

/** The 16-bit words of `bytes` summed onto `seed`, carries not yet folded; an odd last byte counts as the high half. */
export function sumWords(bytes: Uint8Array, seed = 0): number {
  const even = bytes.length & ~1;
  let sum = seed;
  for (let i = 0; i < even; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  return even < bytes.length ? sum + ((bytes[even] ?? 0) << 8) : sum;
}

/** The sum with its carries added in, 0 to 0xffff. */
export function foldSum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = Math.floor(folded / 0x10000) + (folded & 0xffff);
  return folded;
}

/** What goes into a checksum field: the complement of the folded sum. */
export const checksumOf = (sum: number): number => ~foldSum(sum) & 0xffff;

/** The unfolded sum of the pseudo-header that UDP and TCP check along with their bytes (RFC 768). */
export function pseudoHeaderSum(source: Ip4, destination: Ip4, protocol: number, length: number): number {
  const from = ip4ToNumber(source);
  const to = ip4ToNumber(destination);
  return (from >>> 16) + (from & 0xffff) + (to >>> 16) + (to & 0xffff) + protocol + length;
}
