import { ByteReader, ByteWriter } from "../../src/base/bytes.ts";
import { checksumOf, sumWords } from "../../src/wire/checksum.ts";

/** ICMP echo (RFC 792). */
export interface Echo {
  readonly kind: "request" | "reply";
  readonly id: number;
  readonly sequence: number;
  readonly data: Uint8Array;
}

/** Undefined for every other ICMP message. */
export function parseEcho(bytes: Uint8Array): Echo | undefined {
  const reader = new ByteReader(bytes);
  const type = reader.u8();
  reader.skip(3);
  const id = reader.u16();
  const sequence = reader.u16();
  if (reader.error !== undefined || (type !== 0 && type !== 8)) return undefined;
  return { kind: type === 8 ? "request" : "reply", id, sequence, data: bytes.subarray(8) };
}

export function emitEcho(echo: Echo): Uint8Array {
  const bytes = new ByteWriter()
    .u8(echo.kind === "request" ? 8 : 0)
    .u8(0)
    .u16(0)
    .u16(echo.id)
    .u16(echo.sequence)
    .raw(echo.data)
    .done();
  const checksum = checksumOf(sumWords(bytes));
  bytes[2] = checksum >>> 8;
  bytes[3] = checksum & 0xff;
  return bytes;
}
