import { bytesOf } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 16, the vendor's enterprise number and what it says of the client (RFC 8415 section 21.16), not looked into. */
export const vendorClass = option(16, bytesOf(4));
