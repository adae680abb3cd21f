import { atLeast, checked, u16 } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 26, the MTU in bytes, at least 68 (RFC 2132 section 5.1). */
export const interfaceMtu = option(26, checked(u16, atLeast(68)));
