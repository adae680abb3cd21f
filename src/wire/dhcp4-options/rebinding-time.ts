import { u32 } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 59, T2 in seconds from the grant (RFC 2132 section 9.12). */
export const rebindingTime = option(59, u32);
