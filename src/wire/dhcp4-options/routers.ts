import { ip4List, option } from "./shapes.ts";

/** Option 3, routers by preference (RFC 2132 section 3.5). */
export const routers = option(3, ip4List);
