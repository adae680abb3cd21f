import { ip6List, option } from "./shapes.ts";

/** Option 23, name servers by preference (RFC 3646 section 3). */
export const dnsServers = option(23, ip6List);
