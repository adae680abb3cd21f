import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { invalid, valid } from "../../base/parsed.ts";
import type { Status } from "../dhcp6/message.ts";
import { utf8Bytes, utf8Text } from "../utf8.ts";
import { option } from "./shapes.ts";

/** Option 13, of a message, an IA or an address: a code, and text that need not be there (RFC 8415 section 21.13). */
export const status = option<Status>(13, {
  parse(bytes) {
    const reader = new ByteReader(bytes);
    const code = reader.u16();
    if (reader.error !== undefined) return invalid(`${bytes.length} bytes, at least 2 needed`);
    return valid({ code, text: utf8Text(reader.rest()) });
  },
  emit: ({ code, text }) => new ByteWriter().u16(code).raw(utf8Bytes(text)).done(),
});
