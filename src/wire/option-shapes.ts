/** The shapes that options of DHCPv4 and DHCPv6 share. */
import { ByteReader, ByteWriter } from "../base/bytes.ts";
import { invalid, type Parsed, valid } from "../base/parsed.ts";

/** Value to bytes and back, without the code and length in front. */
export interface Shape<T> {
  /** Copies what it keeps; the error is one sentence without the option's name. */
  readonly parse: (bytes: Uint8Array) => Parsed<T>;
  readonly emit: (value: T) => Uint8Array;
}

/** One value of exactly `size` bytes. */
export const fixed = <T>(
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
