import { ip4, option } from "./shapes.ts";

/** Option 50, the address the client asks for (RFC 2132 section 9.1). */
export const requestedAddress = option(50, ip4);
