import { maxRt } from "./max-rt.ts";
import { option } from "./shapes.ts";

/** Option 83, the longest pause between INFORMATION-REQUESTs, in seconds (RFC 8415 section 21.25). */
export const infMaxRt = option(83, maxRt);
