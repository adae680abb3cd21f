import type { RouterPreference } from "../nd/message.ts";

/** The two bits of a preference, where the RA header and the route option have them (RFC 4191 section 2.1). */
export const preferenceMask = 0x18;
const bits: Readonly<Record<RouterPreference, number>> = { high: 0x08, medium: 0x00, low: 0x18 };

/** Undefined for the reserved value. */
export function preferenceOf(flags: number): RouterPreference | undefined {
  const names = ["high", "medium", "low"] as const;
  return names.find((name) => bits[name] === (flags & preferenceMask));
}

export const preferenceBits = (preference: RouterPreference): number => bits[preference];
