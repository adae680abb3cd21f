/** Lifetimes as options carry them: 32 bits of seconds, all ones for infinity (RFC 4861 section 4.6.2). */
import type { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { type Duration, forever, seconds, toSeconds } from "../../base/time.ts";

const infinity = 0xffffffff;

export function readLifetime(reader: ByteReader): Duration {
  const value = reader.u32();
  return value === infinity ? forever : seconds(value);
}

export const writeLifetime = (writer: ByteWriter, lifetime: Duration): ByteWriter =>
  writer.u32(Math.min(Math.floor(toSeconds(lifetime)), infinity));
