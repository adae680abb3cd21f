import { bytesOf } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 60, type and configuration of the client (RFC 2132 section 9.13). */
export const vendorClass = option(60, bytesOf(1));
