import { option, text } from "./shapes.ts";

/** Option 15, the domain in which the client resolves names (RFC 2132 section 3.17). */
export const domainName = option(15, text);
