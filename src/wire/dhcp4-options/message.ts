import { option, text } from "./shapes.ts";

/** Option 56, why a server says NAK or a client DECLINE (RFC 2132 section 9.9). */
export const message = option(56, text);
