import { ip4List, option } from "./shapes.ts";

/** Option 42, time servers by preference (RFC 2132 section 8.3). */
export const ntpServers = option(42, ip4List);
