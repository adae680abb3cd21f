/** JSON for people: two spaces, but short lists and flat entries of lists on one line. */

const widest = 100;

const isFlat = (value: unknown): boolean =>
  value === null ||
  typeof value !== "object" ||
  Object.values(value).every((v) => v === null || typeof v !== "object");

/** On one line, or undefined when it is too long or too deep for that. */
function oneLine(value: unknown, inList: boolean): string | undefined {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (!isFlat(value)) return undefined;
  if (!Array.isArray(value) && !inList) return Object.keys(value).length === 0 ? "{}" : undefined;
  const parts = Array.isArray(value)
    ? value.map((v) => JSON.stringify(v))
    : Object.entries(value).map(([key, v]) => `${JSON.stringify(key)}: ${JSON.stringify(v)}`);
  const inside = parts.join(", ");
  if (inside.length > widest) return undefined;
  return Array.isArray(value) ? `[${inside}]` : `{ ${inside} }`;
}

/** `value` must be plain JSON: null, booleans, numbers, strings, lists, objects without undefined. */
export function renderJson(value: unknown, indent = "", inList = false): string {
  const short = oneLine(value, inList);
  if (short !== undefined) return short;
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    return `[\n${value.map((v) => deeper + renderJson(v, deeper, true)).join(",\n")}\n${indent}]`;
  }
  const entries = Object.entries(value as Readonly<Record<string, unknown>>).map(
    ([key, v]) => `${deeper}${JSON.stringify(key)}: ${renderJson(v, deeper)}`,
  );
  return `{\n${entries.join(",\n")}\n${indent}}`;
}
