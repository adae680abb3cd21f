import { ip4, option } from "./shapes.ts";

/** Option 1, the mask of the client's subnet (RFC 2132 section 3.3). Holes in it are the reader's concern. */
export const subnetMask = option(1, ip4);
