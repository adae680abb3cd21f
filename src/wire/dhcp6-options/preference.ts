import { u8 } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 7, how much a server wants to be chosen: 255 ends the search at once (RFC 8415 section 21.8). */
export const preference = option(7, u8);
