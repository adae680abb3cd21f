/** UDP over IPv4 and IPv6 (RFC 768, RFC 8200 section 8.1). */
import { ByteReader, ByteWriter } from "../base/bytes.ts";
import { invalid, type Parsed, valid } from "../base/parsed.ts";
import {
  type Between,
  checksumOf,
  isBetweenIp6,
  isChecksumGood,
  pseudoHeaderSum,
  sumWords,
} from "./checksum.ts";
import { ipProtocols } from "./ipv4.ts";

export interface Udp {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** After parsing a view of the bytes. */
  readonly payload: Uint8Array;
}

const headerLength = 8;

/**
 * Reads an IP payload; bytes behind the UDP length are ignored. Errors: lengths that do not fit, a checksum that is neither
 * right, nor left unfinished by offload, nor on IPv4 0.
 */
export function parseUdp(bytes: Uint8Array, hosts: Between): Parsed<Udp> {
  const reader = new ByteReader(bytes);
  const sourcePort = reader.u16();
  const destinationPort = reader.u16();
  const length = reader.u16();
  const checksum = reader.u16();
  if (reader.error !== undefined) return invalid(`UDP: ${reader.error}`);
  if (length < headerLength || length > bytes.length) {
    return invalid(`UDP: length ${length}, ${bytes.length} bytes there`);
  }
  const datagram = bytes.subarray(0, length);
  if (checksum === 0 && isBetweenIp6(hosts)) return invalid("UDP: no checksum, which IPv6 does not allow");
  const pseudo = pseudoHeaderSum(hosts, ipProtocols.udp, length);
  if (checksum !== 0 && !isChecksumGood(datagram, checksum, pseudo)) return invalid("UDP: wrong checksum");
  return valid({ sourcePort, destinationPort, payload: datagram.subarray(headerLength) });
}

export function emitUdp(datagram: Udp, hosts: Between): Uint8Array {
  const length = headerLength + datagram.payload.length;
  const bytes = new ByteWriter()
    .u16(datagram.sourcePort)
    .u16(datagram.destinationPort)
    .u16(length)
    .u16(0)
    .raw(datagram.payload)
    .done();
  // A sum of zero is sent as 0xffff, because 0 means no checksum.
  const checksum = checksumOf(sumWords(bytes, pseudoHeaderSum(hosts, ipProtocols.udp, length))) || 0xffff;
  bytes[6] = checksum >>> 8;
  bytes[7] = checksum & 0xff;
  return bytes;
}
