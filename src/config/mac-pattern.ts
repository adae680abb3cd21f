import { type Mac, parseMac } from "../base/mac.ts";
import { invalid, type Parsed, valid } from "../base/parsed.ts";

declare const macPatternBrand: unique symbol;
/** A whole MAC or its first octets and a star, canonical: `02:00:5e:10:00:01`, `02:00:5e:*`. */
export type MacPattern = string & { readonly [macPatternBrand]: true };

/** Reads a MAC in any usual form, or 1 to 5 leading octets followed by `:*` or `-*`. */
export function parseMacPattern(text: string): Parsed<MacPattern> {
  const whole = parseMac(text);
  if (whole.ok) return valid(whole.value as string as MacPattern);
  if (!/^[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){0,4}\*$/i.test(text)) {
    return invalid(`"${text.slice(0, 40)}" is neither a MAC address nor leading octets such as 02:00:5e:*`);
  }
  return valid(text.toLowerCase().replaceAll("-", ":") as MacPattern);
}

/** Whether one of the patterns names `mac`. */
export const matchesAny = (patterns: readonly MacPattern[], mac: Mac): boolean =>
  patterns.some((p) => (p.endsWith("*") ? mac.startsWith(p.slice(0, -1)) : mac === (p as string)));
