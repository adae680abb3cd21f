import { fixed } from "../option-shapes.ts";
import { type Option, option } from "./shapes.ts";

const empty = fixed<true>(
  0,
  () => true,
  () => {},
);

/** Option 14, that two messages are to do; it has no bytes (RFC 8415 section 21.14). */
export const rapidCommit: Option<true> = { ...option(14, empty), emit: () => [new Uint8Array()] };
