import { bytesOf, checked } from "../option-shapes.ts";

const longest = 130;

/** A type of two octets, and 1 to 128 octets more (RFC 8415 section 11.1). */
export const duid = checked(bytesOf(3), ({ length }) =>
  length > longest ? `${length} bytes, at most ${longest} allowed` : undefined,
);
