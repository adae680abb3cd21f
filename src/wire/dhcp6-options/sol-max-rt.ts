import { maxRt } from "./max-rt.ts";
import { option } from "./shapes.ts";

/** Option 82, the longest pause between SOLICITs, in seconds (RFC 8415 section 21.24). */
export const solMaxRt = option(82, maxRt);
