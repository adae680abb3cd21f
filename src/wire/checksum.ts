/** The Internet checksum (RFC 1071). */
import { type Ip4, ip4ToNumber } from "../base/ip4.ts";
import { type Ip6, ip6ToBytes } from "../base/ip6.ts";

/** The addresses of the IP header around a payload, which its checksum covers. */
export type Between = HostPair<Ip4> | HostPair<Ip6>;
interface HostPair<Ip> {
  readonly source: Ip;
  readonly destination: Ip;
}

export const isBetweenIp6 = (hosts: Between): hosts is HostPair<Ip6> => hosts.source.includes(":");

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

/** The unfolded sum of the pseudo-header that UDP, TCP and ICMPv6 check along with their bytes (RFC 768, RFC 8200 section 8.1). */
export function pseudoHeaderSum(hosts: Between, protocol: number, length: number): number {
  const addresses = isBetweenIp6(hosts)
    ? sumWords(ip6ToBytes(hosts.destination), sumWords(ip6ToBytes(hosts.source)))
    : sumIp4(hosts.source) + sumIp4(hosts.destination);
  return addresses + protocol + length;
}

function sumIp4(ip: Ip4): number {
  const n = ip4ToNumber(ip);
  return (n >>> 16) + (n & 0xffff);
}

/** Whether `field`, the checksum found in `bytes`, is right, or left unfinished by offload; `pseudo` as of pseudoHeaderSum. */
export function isChecksumGood(bytes: Uint8Array, field: number, pseudo: number): boolean {
  if (foldSum(sumWords(bytes, pseudo)) === 0xffff) return true;
  // Frames of a local veth or virtio peer carry only the pseudo-header's sum, for a NIC to finish
  // (Linux CHECKSUM_PARTIAL); a packet socket sees them so.
  return field === foldSum(pseudo);
}
