import { atLeast, checked, u16 } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 57, the longest DHCP message the sender accepts in bytes, at least 576 (RFC 2132 section 9.10). */
export const maxMessageSize = option(57, checked(u16, atLeast(576)));
