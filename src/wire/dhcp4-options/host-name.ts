import { option, text } from "./shapes.ts";

/** Option 12, the client's name, with or without its domain (RFC 2132 section 3.14). */
export const hostName = option(12, text);
