import { bytesOf } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 43, opaque to all but the vendor of option 60 (RFC 2132 section 8.4). */
export const vendorSpecific = option(43, bytesOf(1));
