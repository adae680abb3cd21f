import { u32 } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 51, the lease in seconds; 4294967295 is infinite (RFC 2132 section 9.2, RFC 2131 section 3.3). */
export const leaseTime = option(51, u32);
