import { bytesOf } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 11: protocol, algorithm, replay detection and the proof (RFC 8415 section 21.11), not looked into. */
export const auth = option(11, bytesOf(11));
