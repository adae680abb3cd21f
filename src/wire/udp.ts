/** UDP over IPv4 (RFC 768). */
import { ByteReader, ByteWriter } from "../base/bytes.ts";
import type { Ip4 } from "../base/ip4.ts";
import { invalid, type Parsed, valid } from "../base/parsed.ts";
import { checksumOf, foldSum, pseudoHeaderSum, sumWords } from "./checksum.ts";
import { ipProtocols } from "./ipv4.ts";

export interface Udp {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** After parsing a view of the bytes. */
  readonly payload: Uint8Array;
}

/** The addresses of the IPv4 header around it, which the checksum covers. */
export interface UdpAddresses {
  readonly source: Ip4;
  readonly destination: Ip4;
}

const headerLength = 8;

const pseudoSum = (addresses: UdpAddresses, length: number): number =>
  pseudoHeaderSum(addresses.source, addresses.destination, ipProtocols.udp, length);

/**
 * Reads an IPv4 payload; bytes behind the UDP length are ignored.
 * Errors: lengths that do not fit, a checksum that is neither right, nor 0, nor left unfinished by offload.
 */
export function parseUdp(bytes: Uint8Array, addresses: UdpAddresses): Parsed<Udp> {
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
  if (!isChecksumGood(datagram, checksum, addresses)) return invalid("UDP: wrong checksum");
  return valid({ sourcePort, destinationPort, payload: datagram.subarray(headerLength) });
}

function isChecksumGood(datagram: Uint8Array, checksum: number, addresses: UdpAddresses): boolean {
  if (checksum === 0) return true;
  const pseudo = pseudoSum(addresses, datagram.length);
  if (foldSum(sumWords(datagram, pseudo)) === 0xffff) return true;
  // Frames of a local veth or virtio peer carry only the pseudo-header's sum, for a NIC to finish
  // (Linux CHECKSUM_PARTIAL); a packet socket sees them so.
  return checksum === foldSum(pseudo);
}

export function emitUdp(datagram: Udp, addresses: UdpAddresses): Uint8Array {
  const length = headerLength + datagram.payload.length;
  const bytes = new ByteWriter()
    .u16(datagram.sourcePort)
    .u16(datagram.destinationPort)
    .u16(length)
    .u16(0)
    .raw(datagram.payload)
    .done();
  // A sum of zero is sent as 0xffff, because 0 means no checksum.
  const checksum = checksumOf(sumWords(bytes, pseudoSum(addresses, length))) || 0xffff;
  bytes[6] = checksum >>> 8;
  bytes[7] = checksum & 0xff;
  return bytes;
}
