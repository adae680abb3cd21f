/** Lists of code, length and bytes (RFC 8415 section 21.1): of a message, of an IA, of an address, of option 56. */
import type { ByteWriter } from "../../base/bytes.ts";
import type { Dhcp6Message, RawOption } from "./message.ts";

export type Malformed = Dhcp6Message["malformed"][number];

const headerLength = 4;
const longest = 0xffff;

/** The options one after the other, as views; a list that ends inside an option is recorded in `malformed`. */
export function* listOptions(bytes: Uint8Array, malformed: Malformed[]): Generator<RawOption, void> {
  let at = 0;
  while (at < bytes.length) {
    const code = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    const left = bytes.length - at - headerLength;
    if (left < length) {
      const why = left < 0 ? "no code and length" : `${length} bytes announced, ${left} left`;
      malformed.push({ code, why: `the list is truncated: ${why}` });
      return;
    }
    at += headerLength + length;
    yield { code, data: bytes.subarray(at - length, at) };
  }
}

/** RangeError: a code or a length of more than 65535. */
export function appendOption(writer: ByteWriter, code: number, data: Uint8Array): void {
  if (!(code >= 0 && code <= 0xffff)) throw new RangeError(`${code} is no option code`);
  if (data.length > longest) throw new RangeError(`option ${code} of ${data.length} bytes`);
  writer.u16(code).u16(data.length).raw(data);
}
