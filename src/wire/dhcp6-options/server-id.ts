import { duid } from "./duid.ts";
import { option } from "./shapes.ts";

/** Option 2, the server's DUID (RFC 8415 section 21.3). */
export const serverId = option(2, duid);
