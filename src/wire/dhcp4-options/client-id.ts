import { bytesOf } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 61, a type byte and an identifier (RFC 2132 section 9.14, RFC 4361). */
export const clientId = option(61, bytesOf(2));
