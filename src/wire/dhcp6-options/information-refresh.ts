import { u32 } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 32, seconds until the client should ask again; less than 600 counts as 600, for the client (RFC 8415 section 21.23). */
export const informationRefresh = option(32, u32);
