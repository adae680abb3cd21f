/** ICMPv6 (RFC 4443). */
import { ByteReader, ByteWriter } from "../base/bytes.ts";
import { invalid, type Parsed, valid } from "../base/parsed.ts";
import { type Between, checksumOf, isChecksumGood, pseudoHeaderSum, sumWords } from "./checksum.ts";
import { nextHeaders } from "./ipv6.ts";

export interface Icmpv6 {
  readonly type: number;
  readonly code: number;
  /** Behind the checksum; after parsing a view of the bytes. */
  readonly body: Uint8Array;
}

/** Reads the whole of an IPv6 payload. Errors: short, a checksum that is neither right nor left unfinished by offload. */
export function parseIcmpv6(bytes: Uint8Array, hosts: Between): Parsed<Icmpv6> {
  const reader = new ByteReader(bytes);
  const type = reader.u8();
  const code = reader.u8();
  const checksum = reader.u16();
  if (reader.error !== undefined) return invalid(`ICMPv6: ${reader.error}`);
  const pseudo = pseudoHeaderSum(hosts, nextHeaders.icmpv6, bytes.length);
  if (!isChecksumGood(bytes, checksum, pseudo)) return invalid("ICMPv6: wrong checksum");
  return valid({ type, code, body: bytes.subarray(reader.offset) });
}

export function emitIcmpv6({ type, code, body }: Icmpv6, hosts: Between): Uint8Array {
  const bytes = new ByteWriter().u8(type).u8(code).u16(0).raw(body).done();
  const checksum = checksumOf(sumWords(bytes, pseudoHeaderSum(hosts, nextHeaders.icmpv6, bytes.length)));
  bytes[2] = checksum >>> 8;
  bytes[3] = checksum & 0xff;
  return bytes;
}
