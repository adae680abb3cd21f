import { u16 } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 8, hundredths of a second since the client began, at most 65535 (RFC 8415 section 21.9). */
export const elapsed = option(8, u16);
