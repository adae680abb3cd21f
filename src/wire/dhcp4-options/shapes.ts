/** The shapes that DHCP options share; an option file names its code, its shape and its RFC section. */
import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import type { Ip4 } from "../../base/ip4.ts";
import { invalid, type Parsed, valid } from "../../base/parsed.ts";

/** Value to bytes and back, without the code and length in front; `parse` gets the joined parts (RFC 3396). */
export interface Shape<T> {
  /** Copies what it keeps; the error is one sentence without the option's name. */
  readonly parse: (bytes: Uint8Array) => Parsed<T>;
  readonly emit: (value: T) => Uint8Array;
}

export interface Option<T> extends Shape<T> {
  readonly code: number;
}

export const option = <T>(code: number, shape: Shape<T>): Option<T> => ({ code, ...shape });

/** One value of exactly `size` bytes. */
const fixed = <T>(
  size: number,
  read: (reader: ByteReader) => T,
  write: (writer: ByteWriter, value: T) => void,
): Shape<T> => ({
  parse(bytes) {
    if (bytes.length !== size) return invalid(`${bytes.length} bytes, ${size} needed`);
    return valid(read(new ByteReader(bytes)));
  },
  emit(value) {
    const writer = new ByteWriter();
    write(writer, value);
    return writer.done();
  },
});

/** The shape with a further condition on the value: `complaint` says what is wrong with it, if anything. */
export const checked = <T>(shape: Shape<T>, complaint: (value: T) => string | undefined): Shape<T> => ({
  parse(bytes) {
    const parsed = shape.parse(bytes);
    const why = parsed.ok ? complaint(parsed.value) : undefined;
    return why === undefined ? parsed : invalid(why);
  },
  emit: shape.emit,
});

export const atLeast =
  (low: number) =>
  (n: number): string | undefined =>
    n < low ? `${n} is less than ${low}` : undefined;

/** One or more values of `size` bytes each. */
export const listOf = <T>(
  size: number,
  read: (reader: ByteReader) => T,
  write: (writer: ByteWriter, value: T) => void,
): Shape<readonly T[]> => ({
  parse(bytes) {
    if (bytes.length === 0 || bytes.length % size !== 0) {
      return invalid(`${bytes.length} bytes, a multiple of ${size} needed`);
    }
    const reader = new ByteReader(bytes);
    const values: T[] = [];
    while (reader.remaining > 0) values.push(read(reader));
    return valid(values);
  },
  emit(values) {
    const writer = new ByteWriter();
    for (const value of values) write(writer, value);
    return writer.done();
  },
});

const readIp4 = (reader: ByteReader): Ip4 => reader.ip4();
const writeIp4 = (writer: ByteWriter, ip: Ip4): ByteWriter => writer.ip4(ip);

export const ip4 = fixed(4, readIp4, writeIp4);
export const ip4List = listOf(4, readIp4, writeIp4);
export const u8 = fixed(
  1,
  (reader) => reader.u8(),
  (writer, value) => writer.u8(value),
);
export const u16 = fixed(
  2,
  (reader) => reader.u16(),
  (writer, value) => writer.u16(value),
);
export const u32 = fixed(
  4,
  (reader) => reader.u32(),
  (writer, value) => writer.u32(value),
);

/** Opaque bytes, at least `least` of them. */
export const bytesOf = (least: number): Shape<Uint8Array> => ({
  parse: (bytes) =>
    bytes.length < least ? invalid(`${bytes.length} bytes, at least ${least} needed`) : valid(bytes.slice()),
  emit: (value) => value,
});

/** Latin-1, not empty. Some servers end it with NULs, which RFC 2132 section 2 says to strip. */
export const text: Shape<string> = {
  parse(bytes) {
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === 0) end--;
    return end === 0 ? invalid("empty") : valid(latin1(bytes, 0, end));
  },
  /** Characters that Latin-1 does not have become question marks. */
  emit: (value) =>
    Uint8Array.from(value, (character) => {
      const code = character.charCodeAt(0);
      return code > 0xff ? 0x3f : code;
    }),
};

/** Characters U+0000 to U+00FF, one for each byte. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  let characters = "";
  for (let i = from; i < to; i++) characters += String.fromCharCode(bytes[i] ?? 0);
  return characters;
}
