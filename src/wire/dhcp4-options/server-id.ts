import { ip4, option } from "./shapes.ts";

/** Option 54, the address that names the server (RFC 2132 section 9.7). */
export const serverId = option(54, ip4);
