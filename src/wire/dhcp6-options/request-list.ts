import { listOf } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 6, the codes of the options the client wants (RFC 8415 section 21.7). */
export const requestList = option(
  6,
  listOf<number>(
    2,
    (reader) => reader.u16(),
    (writer, code) => writer.u16(code),
  ),
);
