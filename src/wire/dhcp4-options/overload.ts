import { checked, u8 } from "../option-shapes.ts";
import { option } from "./shapes.ts";

/** Option 52: 1 the file field, 2 the sname field, 3 both hold options (RFC 2132 section 9.3). */
export const overload = option(
  52,
  checked(u8, (n) => (n >= 1 && n <= 3 ? undefined : `${n} is not 1, 2 or 3`)),
);

export const fileHoldsOptions = (value: number | undefined): boolean => ((value ?? 0) & 1) !== 0;
export const snameHoldsOptions = (value: number | undefined): boolean => ((value ?? 0) & 2) !== 0;
