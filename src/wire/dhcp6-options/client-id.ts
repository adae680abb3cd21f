import { duid } from "./duid.ts";
import { option } from "./shapes.ts";

/** Option 1, the client's DUID (RFC 8415 section 21.2). */
export const clientId = option(1, duid);
