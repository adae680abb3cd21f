import { listOf } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 55, the codes of the options the client wants, by preference (RFC 2132 section 9.8). */
export const parameterList = option(
  55,
  listOf<number>(
    1,
    (reader) => reader.u8(),
    (writer, code) => writer.u8(code),
  ),
);
