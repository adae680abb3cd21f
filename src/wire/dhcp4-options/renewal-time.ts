import { u32 } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 58, T1 in seconds from the grant (RFC 2132 section 9.11). */
export const renewalTime = option(58, u32);
