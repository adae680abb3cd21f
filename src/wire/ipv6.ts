/** The IPv6 header (RFC 8200 section 3). */
import { ByteReader, ByteWriter } from "../base/bytes.ts";
import type { Ip6 } from "../base/ip6.ts";
import { invalid, type Parsed, valid } from "../base/parsed.ts";

export const nextHeaders = {
  hopByHop: 0,
  udp: 17,
  fragment: 44,
  icmpv6: 58,
  destinationOptions: 60,
} as const;

export interface Ipv6 {
  readonly source: Ip6;
  readonly destination: Ip6;
  /** What the payload is: after parsing never one of the extension headers that are skipped. */
  readonly nextHeader: number;
  readonly hopLimit: number;
  /** After parsing a view of the bytes, without extension headers and Ethernet padding. */
  readonly payload: Uint8Array;
}

const headerLength = 40;

/**
 * Reads an Ethernet payload. Hop-by-hop and destination options are skipped, whatever they say; bytes behind the payload
 * length are padding. Errors: another version, lengths that do not fit, a fragment, hop-by-hop options that are not first.
 * Other extension headers are a `nextHeader` like any other.
 */
export function parseIpv6(bytes: Uint8Array): Parsed<Ipv6> {
  const reader = new ByteReader(bytes);
  const versionAndFlow = reader.u32();
  const length = reader.u16();
  const first = reader.u8();
  const hopLimit = reader.u8();
  const source = reader.ip6();
  const destination = reader.ip6();
  if (reader.error !== undefined) return invalid(`IPv6: ${reader.error}`);
  const version = versionAndFlow >>> 28;
  if (version !== 6) return invalid(`IPv6: version ${version}`);
  if (length > reader.remaining)
    return invalid(`IPv6: payload of ${length}, ${reader.remaining} bytes there`);
  const inner = skipOptions(bytes.subarray(headerLength, headerLength + length), first);
  return inner.ok ? valid({ source, destination, hopLimit, ...inner.value }) : inner;
}

/** Both kinds of options: next header, length in units of 8 octets without the first 8 (RFC 8200 sections 4.3, 4.6). */
function skipOptions(bytes: Uint8Array, first: number): Parsed<Pick<Ipv6, "nextHeader" | "payload">> {
  let nextHeader = first;
  let payload = bytes;
  while (nextHeader === nextHeaders.hopByHop || nextHeader === nextHeaders.destinationOptions) {
    if (nextHeader === nextHeaders.hopByHop && payload !== bytes)
      return invalid("IPv6: hop-by-hop options are not first");
    const [next, units] = payload;
    if (next === undefined || units === undefined || (units + 1) * 8 > payload.length)
      return invalid("IPv6: ends inside its options");
    nextHeader = next;
    payload = payload.subarray((units + 1) * 8);
  }
  return nextHeader === nextHeaders.fragment ? invalid("IPv6: a fragment") : valid({ nextHeader, payload });
}

/** Traffic class and flow label 0; no extension headers. */
export const emitIpv6 = (packet: Ipv6): Uint8Array =>
  new ByteWriter()
    .u32(0x60000000)
    .u16(packet.payload.length)
    .u8(packet.nextHeader)
    .u8(packet.hopLimit)
    .ip6(packet.source)
    .ip6(packet.destination)
    .raw(packet.payload)
    .done();
