/** The IPv4 header (RFC 791). */
import { ByteReader, ByteWriter } from "../base/bytes.ts";
import type { Ip4 } from "../base/ip4.ts";
import { invalid, type Parsed, valid } from "../base/parsed.ts";
import { checksumOf, foldSum, sumWords } from "./checksum.ts";

export const ipProtocols = { icmp: 1, tcp: 6, udp: 17 } as const;

export interface Ipv4 {
  readonly source: Ip4;
  readonly destination: Ip4;
  readonly protocol: number;
  readonly ttl: number;
  /** After parsing a view of the bytes, without Ethernet padding. */
  readonly payload: Uint8Array;
}

const headerLength = 20;
const dontFragment = 0x4000;
/** More fragments, or an offset other than zero. */
const fragmented = 0x3fff;

/**
 * Reads an Ethernet payload; header options are skipped, bytes behind the total length are padding.
 * Errors: another version, lengths that do not fit, a wrong header checksum, a fragment.
 */
export function parseIpv4(bytes: Uint8Array): Parsed<Ipv4> {
  const reader = new ByteReader(bytes);
  const versionAndLength = reader.u8();
  reader.skip(1);
  const total = reader.u16();
  reader.skip(2);
  const fragment = reader.u16();
  const ttl = reader.u8();
  const protocol = reader.u8();
  reader.skip(2);
  const source = reader.ip4();
  const destination = reader.ip4();
  if (reader.error !== undefined) return invalid(`IPv4: ${reader.error}`);
  const header = (versionAndLength & 0x0f) * 4;
  if (versionAndLength >>> 4 !== 4) return invalid(`IPv4: version ${versionAndLength >>> 4}`);
  if (header < headerLength || header > total || total > bytes.length) {
    return invalid(`IPv4: header of ${header} bytes, total of ${total}, ${bytes.length} there`);
  }
  if (foldSum(sumWords(bytes.subarray(0, header))) !== 0xffff) return invalid("IPv4: wrong header checksum");
  if ((fragment & fragmented) !== 0) return invalid("IPv4: a fragment");
  return valid({ source, destination, protocol, ttl, payload: bytes.subarray(header, total) });
}

/** Identification 0 with Don't Fragment set, as RFC 6864 section 4.1 allows; no header options. */
export function emitIpv4(packet: Ipv4): Uint8Array {
  const bytes = new ByteWriter()
    .u16(0x4500)
    .u16(headerLength + packet.payload.length)
    .u16(0)
    .u16(dontFragment)
    .u8(packet.ttl)
    .u8(packet.protocol)
    .u16(0)
    .ip4(packet.source)
    .ip4(packet.destination)
    .raw(packet.payload)
    .done();
  const checksum = checksumOf(sumWords(bytes.subarray(0, headerLength)));
  bytes[10] = checksum >>> 8;
  bytes[11] = checksum & 0xff;
  return bytes;
}
