/** Lists of code, length and bytes (RFC 2132 section 2), and long options in several parts (RFC 3396). */
import type { ByteWriter } from "../../base/bytes.ts";
import type { Dhcp4Message } from "./message.ts";

export type Malformed = Dhcp4Message["malformed"][number];

const pad = 0;
export const end = 255;
const longestPart = 255;

/**
 * Adds the options of one field to `found`, by code, each part joined to the earlier ones; short options are views.
 * A list that ends inside an option is recorded in `malformed`.
 */
export function collectOptions(
  field: Uint8Array,
  found: Map<number, Uint8Array>,
  malformed: Malformed[],
): void {
  let at = 0;
  while (at < field.length) {
    const code = field[at++] ?? end;
    if (code === end) return;
    if (code === pad) continue;
    const length = field[at++];
    if (length === undefined || at + length > field.length) {
      const why = length === undefined ? "no length" : `${length} bytes announced, ${field.length - at} left`;
      malformed.push({ code, why: `the list is truncated: ${why}` });
      return;
    }
    const part = field.subarray(at, at + length);
    const earlier = found.get(code);
    found.set(code, earlier === undefined ? part : join(earlier, part));
    at += length;
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/** Writes one option, in parts of at most 255 bytes. */
export function appendOption(writer: ByteWriter, code: number, bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > longestPart) {
    writer.u8(code).u8(longestPart).raw(rest.subarray(0, longestPart));
    rest = rest.subarray(longestPart);
  }
  writer.u8(code).u8(rest.length).raw(rest);
}
