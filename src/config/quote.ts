/** How keys and values that a person or a stranger wrote appear in one-line messages. */

/** Control, format and separator characters: they could forge lines, reverse text, or pass for a plain blank. */
const unprintable = /(?! )[\p{Cc}\p{Cf}\p{Z}]/gu;

const escapeChar = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;

/** At most `max` characters, the last an ellipsis when something was cut. */
export function cut(text: string, max: number): string {
  const chars = [...text];
  return chars.length <= max ? text : `${chars.slice(0, max - 1).join("")}…`;
}

/** At most `max` characters; what is longer loses its middle, because the end often says what is wrong. */
export function cutMiddle(text: string, max: number): string {
  const chars = [...text];
  if (chars.length <= max) return text;
  const head = Math.ceil((max - 1) / 2);
  return `${chars.slice(0, head).join("")}…${chars.slice(chars.length - (max - 1 - head)).join("")}`;
}

/** The text on one line, without anything a terminal would act upon. */
export const printable = (text: string): string => text.replace(unprintable, escapeChar);

/** A file's path, or what else a person typed, on one line of sane length. */
export const showTyped = (text: string): string => cutMiddle(printable(text), 120);

/** A value as it may be written in the file, e.g. `"eth0"`, `[80, 5000]`; cut at 60 characters. */
export function showValue(value: unknown): string {
  return cut(printable(asText(value)), 60);
}

/** Deeper ones are not looked into: a file may nest its lists a hundred thousand deep. */
const deepest = 8;

function asText(value: unknown, depth = 0): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 200));
  if (value !== null && typeof value === "object" && depth >= deepest) return "…";
  if (Array.isArray(value)) {
    const entries = value.slice(0, 40).map((entry) => asText(entry, depth + 1));
    return `[${entries.join(", ")}]`;
  }
  if (value === null || typeof value !== "object") return String(value);
  if ("toISOString" in value && typeof value.toISOString === "function") return String(value.toISOString());
  const pairs = Object.entries(value).slice(0, 40);
  return `{ ${pairs.map(([key, v]) => `${showKey(key)} = ${asText(v, depth + 1)}`).join(", ")} }`;
}

/** A key as it may be written in the file: bare, or quoted when it must be. */
export const showKey = (key: string): string =>
  /^[A-Za-z0-9_-]+$/.test(key) ? cut(key, 40) : cut(printable(JSON.stringify(key.slice(0, 200))), 40);
