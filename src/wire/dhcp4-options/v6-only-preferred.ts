import { u32 } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 108, V6ONLY_WAIT in seconds; another length than 4 is ignored (RFC 8925 section 3.1). */
export const v6OnlyPreferred = option(108, u32);
