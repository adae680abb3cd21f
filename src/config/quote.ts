/** How keys and values that a person or a stranger wrote appear in one-line messages. */

/** Control, format and separator characters: they could forge lines, reverse text, or pass for a plain blank. */
const unprintable = /(?! )[\p{Cc}\p{Cf}\p{Z}]/gu;

const escapeChar = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;

/** At most `max` characters, the last an ellipsis when something was cut. */
export function cut(text: string, max: number): string {
  const chars = [...text];
  return chars.length <= max ? text : `${chars.slice(0, max - 1).join("")}…`;
}

/** The text on one line, without anything a terminal would act upon. */
export const printable = (text: string): string => text.replace(unprintable, escapeChar);

/** A value as it may be written in the file, e.g. `"eth0"`, `[80, 5000]`; cut at 60 characters. */
export function showValue(value: unknown): string {
  return cut(printable(asText(value)), 60);
}

function asText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 200));
  if (Array.isArray(value)) return `[${value.slice(0, 40).map(asText).join(", ")}]`;
  if (value === null || typeof value !== "object") return String(value);
  if ("toISOString" in value && typeof value.toISOString === "function") return String(value.toISOString());
  const pairs = Object.entries(value).slice(0, 40);
  return `{ ${pairs.map(([key, v]) => `${showKey(key)} = ${asText(v)}`).join(", ")} }`;
}

/** A key as it may be written in the file: bare, or quoted when it must be. */
export const showKey = (key: string): string =>
  /^[A-Za-z0-9_-]+$/.test(key) ? cut(key, 40) : cut(printable(JSON.stringify(key.slice(0, 200))), 40);
