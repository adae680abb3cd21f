import { ip4, option } from "./shapes.ts";

/** Option 28, the broadcast address of the subnet (RFC 2132 section 5.3). */
export const broadcastAddress = option(28, ip4);
