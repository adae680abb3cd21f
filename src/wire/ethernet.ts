/** Ethernet II frames, without preamble and frame check sequence. */
import { ByteReader, ByteWriter } from "../base/bytes.ts";
import type { Mac } from "../base/mac.ts";
import { invalid, type Parsed, valid } from "../base/parsed.ts";

export const etherTypes = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;

/** The EtherType of a whole frame, without reading the rest; 0 where the frame is too short. */
export const etherTypeOf = (frame: Uint8Array): number => ((frame[12] ?? 0) << 8) | (frame[13] ?? 0);

/** Values below are the lengths of IEEE 802.3 frames. */
const firstEtherType = 0x0600;

export interface Ethernet {
  readonly destination: Mac;
  readonly source: Mac;
  readonly etherType: number;
  /** After parsing a view of the frame, with the padding of short frames still on it. */
  readonly payload: Uint8Array;
}

/** Errors: shorter than 14 bytes, or an IEEE 802.3 length where the EtherType belongs. */
export function parseEthernet(frame: Uint8Array): Parsed<Ethernet> {
  const reader = new ByteReader(frame);
  const destination = reader.mac();
  const source = reader.mac();
  const etherType = reader.u16();
  if (reader.error !== undefined) return invalid(`Ethernet: ${reader.error}`);
  if (etherType < firstEtherType) return invalid(`Ethernet: ${etherType} is a length, not an EtherType`);
  return valid({ destination, source, etherType, payload: frame.subarray(reader.offset) });
}

/** Short frames are not padded; drivers do that. */
export const emitEthernet = (frame: Ethernet): Uint8Array =>
  new ByteWriter().mac(frame.destination).mac(frame.source).u16(frame.etherType).raw(frame.payload).done();
