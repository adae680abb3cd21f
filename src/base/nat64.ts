/** IPv4 addresses inside IPv6 addresses (RFC 6052), and how a NAT64 is known by them (RFC 7050). */
import { type Cidr6, contains6, distinctCidrs6, networkOf6 } from "./cidr6.ts";
import { type Ip4, ip4FromBytes, ip4ToBytes } from "./ip4.ts";
import { type Ip6, ip6FromBytes, ip6ToBytes } from "./ip6.ts";

/** The lengths that a NAT64 prefix may have (RFC 6052 section 2.2), the usual one first. */
export const nat64Lengths = [96, 64, 56, 48, 40, 32] as const;

/** 64:ff9b::/96, which carries no private addresses (RFC 6052 section 3.1). */
export const wellKnownPrefix: Cidr6 = { address: "64:ff9b::" as Ip6, length: 96 };

/** What `ipv4only.arpa` has (RFC 7050 section 8.2). */
const wellKnownIp4: readonly string[] = ["192.0.0.170", "192.0.0.171"];

/** Octet 8 of the address, bits 64 to 71, is kept zero. */
const reservedOctet = 8;

/** Where the four octets of the IPv4 address stand behind a prefix of `length` bits. */
function placesOf(length: number): readonly number[] {
  const places: number[] = [];
  for (let place = length / 8; places.length < 4; place++) if (place !== reservedOctet) places.push(place);
  return places;
}

/** The IPv4 address inside `prefix`; the suffix is zero. @param prefix of one of `nat64Lengths` */
export function embedIp4({ address, length }: Cidr6, ip: Ip4): Ip6 {
  const bytes = ip6ToBytes(address);
  const octets = ip4ToBytes(ip);
  for (const [n, place] of placesOf(length).entries()) bytes[place] = octets[n] ?? 0;
  return ip6FromBytes(bytes);
}

/** The IPv4 address that stands in `ip`; undefined when it lies outside the prefix or octet 8 is not zero. */
export function extractIp4(prefix: Cidr6, ip: Ip6): Ip4 | undefined {
  if (!contains6(prefix, ip)) return undefined;
  const bytes = ip6ToBytes(ip);
  if (bytes[reservedOctet] !== 0) return undefined;
  return ip4FromBytes(Uint8Array.from(placesOf(prefix.length), (place) => bytes[place] ?? 0));
}

/**
 * The prefixes that these AAAA records of `ipv4only.arpa` tell of, each once, in their order (RFC 7050 section 3). An address in which the well-known IPv4
 * address stands at several places, or at none, tells of none.
 */
export function prefixesOf(addresses: readonly Ip6[]): Cidr6[] {
  return distinctCidrs6(
    addresses.flatMap((ip) => {
      const found = nat64Lengths.map((length) => networkOf6(ip, length)).filter((net) => isKnownAt(net, ip));
      return found.length === 1 ? found : [];
    }),
  );
}

function isKnownAt(prefix: Cidr6, ip: Ip6): boolean {
  const inside = extractIp4(prefix, ip);
  return inside !== undefined && wellKnownIp4.includes(inside);
}
