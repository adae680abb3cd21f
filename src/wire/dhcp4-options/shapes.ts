/** The shapes of DHCPv4 options only; an option file names its code, its shape and its RFC section. */
import type { ByteReader, ByteWriter } from "../../base/bytes.ts";
import type { Ip4 } from "../../base/ip4.ts";
import { invalid, valid } from "../../base/parsed.ts";
import { latin1, latin1Bytes } from "../latin1.ts";
import { fixed, listOf, type Shape } from "../option-shapes.ts";

/** `parse` gets the joined parts (RFC 3396). */
export interface Option<T> extends Shape<T> {
  readonly code: number;
}

export const option = <T>(code: number, shape: Shape<T>): Option<T> => ({ code, ...shape });

const readIp4 = (reader: ByteReader): Ip4 => reader.ip4();
const writeIp4 = (writer: ByteWriter, ip: Ip4): ByteWriter => writer.ip4(ip);

export const ip4 = fixed(4, readIp4, writeIp4);
export const ip4List = listOf(4, readIp4, writeIp4);

/** Latin-1, not empty. Some servers end it with NULs, which RFC 2132 section 2 says to strip. */
export const text: Shape<string> = {
  parse(bytes) {
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === 0) end--;
    return end === 0 ? invalid("empty") : valid(latin1(bytes, 0, end));
  },
  emit: latin1Bytes,
};
