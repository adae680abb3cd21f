import { ip4List, option } from "./shapes.ts";

/** Option 6, name servers by preference (RFC 2132 section 3.8). */
export const dnsServers = option(6, ip4List);
