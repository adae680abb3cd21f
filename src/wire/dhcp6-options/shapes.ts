/** How an option of DHCPv6 is read and written; an option file names its code, its shape and its RFC section. */
import type { ByteReader, ByteWriter } from "../../base/bytes.ts";
import type { Ip6 } from "../../base/ip6.ts";
import { invalid, type Parsed, valid } from "../../base/parsed.ts";
import type { Malformed } from "../dhcp6/option-list.ts";
import { fixed, listOf, type Shape } from "../option-shapes.ts";

export interface Option<T> {
  readonly code: number;
  /**
   * The value with this option and those of the same code before it, `earlier`. Copies what it keeps; the error is one
   * sentence without the option's name. What is wrong with options inside this one goes to `malformed`.
   */
  readonly parse: (bytes: Uint8Array, earlier: T | undefined, malformed: Malformed[]) => Parsed<T>;
  /** The bytes of each option it takes, without code and length. */
  readonly emit: (value: T) => readonly Uint8Array[];
}

/** An option that stands once (RFC 8415 section 21.1); not sent when it would have no bytes. */
export const option = <T>(code: number, shape: Shape<T>): Option<T> => ({
  code,
  parse: (bytes, earlier) =>
    earlier === undefined ? shape.parse(bytes) : invalid("stands again, and only the first counts"),
  emit(value) {
    const bytes = shape.emit(value);
    return bytes.length === 0 ? [] : [bytes];
  },
});

interface Member<T> {
  readonly parse: (bytes: Uint8Array, malformed: Malformed[]) => Parsed<readonly T[]>;
  readonly emit: (value: T) => Uint8Array;
}

/** An option that stands as often as there are values; one read may hold several. */
export const repeated = <T>(code: number, member: Member<T>): Option<readonly T[]> => ({
  code,
  parse(bytes, earlier = [], malformed) {
    const parsed = member.parse(bytes, malformed);
    return parsed.ok ? valid([...earlier, ...parsed.value]) : parsed;
  },
  emit: (values) => values.map(member.emit),
});

const readIp6 = (reader: ByteReader): Ip6 => reader.ip6();
const writeIp6 = (writer: ByteWriter, ip: Ip6): ByteWriter => writer.ip6(ip);

export const ip6 = fixed(16, readIp6, writeIp6);
export const ip6List = listOf(16, readIp6, writeIp6);
