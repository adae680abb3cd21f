/** Lists of type, length and bytes (RFC 4861 section 4.6); the length counts units of 8 octets, the first two included. */
import type { ByteWriter } from "../../base/bytes.ts";
import { invalid, type Parsed, valid } from "../../base/parsed.ts";
import type { Shape } from "../option-shapes.ts";

/** `parse` gets the bytes behind type and length; what `emit` gives is filled up with zeros to whole units. */
export interface NdOption<T> extends Shape<T> {
  readonly type: number;
}

export const ndOption = <T>(type: number, shape: Shape<T>): NdOption<T> => ({ type, ...shape });

export interface RawOption {
  readonly type: number;
  /** A view of what stands behind type and length. */
  readonly body: Uint8Array;
}

const headLength = 2;
const unit = 8;

/** Errors: a length of 0, for which the whole message is refused (RFC 4861 section 6.1), or one past the end. */
export function splitOptions(bytes: Uint8Array): Parsed<readonly RawOption[]> {
  const options: RawOption[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [type = 0, units = 0] = bytes.subarray(at);
    const end = at + units * unit;
    if (end > bytes.length || at + 1 === bytes.length) return invalid(`option ${type} is cut short`);
    if (units === 0) return invalid(`option ${type} has the length 0`);
    options.push({ type, body: bytes.subarray(at + headLength, end) });
    at = end;
  }
  return valid(options);
}

/** All options of one type, in the order of the message, without those that make no sense. */
export const readAll = <T>(options: readonly RawOption[], { type, parse }: NdOption<T>): readonly T[] =>
  options.flatMap((raw) => {
    const parsed = raw.type === type ? parse(raw.body) : undefined;
    return parsed?.ok ? [parsed.value] : [];
  });

export function appendOption<T>(writer: ByteWriter, { type, emit }: NdOption<T>, value: T): ByteWriter {
  const body = emit(value);
  const units = Math.ceil((headLength + body.length) / unit);
  return writer
    .u8(type)
    .u8(units)
    .raw(body)
    .zeros(units * unit - headLength - body.length);
}
