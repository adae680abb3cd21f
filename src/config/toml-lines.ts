/** On which line of a TOML file each key stands, which the library does not tell: statement by statement it does. */
import { parse } from "smol-toml";

type Place = readonly string[];

/** Longer ones, and what follows them, are not looked at: trying takes time by the square of it. */
const longestStatement = 500;
/** Section, key, entry. */
const deepest = 3;

/** A key that stands in several lines has the first of them. `text` must be valid TOML; of another nothing is known. */
export function linesOfToml(text: string): (place: Place) => number | undefined {
  const known = new Map<string, number>();
  let table: Place = [];
  for (const { value, line, isHeader } of statements(text)) {
    if (isHeader) table = innermost(value);
    const places = isHeader ? placesIn(value) : placesIn(value, table);
    for (const place of places) {
      const name = JSON.stringify(place);
      if (!known.has(name)) known.set(name, line);
    }
  }
  return (place) => known.get(JSON.stringify(place));
}

interface Statement {
  readonly value: unknown;
  /** Its first line, from 1. */
  readonly line: number;
  /** `[table]`, to which the next ones belong. */
  readonly isHeader: boolean;
}

/** A statement is the fewest lines that can be read by themselves. */
function* statements(text: string): Generator<Statement> {
  const lines = text.split(/\r?\n/);
  for (let from = 0; from < lines.length; ) {
    let to = from + 1;
    let value = read(lines.slice(from, to));
    for (; value === undefined; value = read(lines.slice(from, to)))
      if (++to > lines.length || to - from > longestStatement) return;
    yield { value, line: from + 1, isHeader: /^\s*\[/.test(lines[from] ?? "") };
    from = to;
  }
}

function read(lines: readonly string[]): unknown {
  try {
    return parse(lines.join("\n"));
  } catch {
    return undefined;
  }
}

/** Of `[a.b]`, a and b; `[[a]]` counts as `[a]`, since no setting has such a form. Deeper ones than are asked for end there. */
function innermost(value: unknown): Place {
  const place: string[] = [];
  for (let inner = value; place.length <= deepest; ) {
    const [entry] = Object.entries(inner as object);
    if (entry === undefined) break;
    place.push(entry[0]);
    if (Array.isArray(entry[1])) break;
    inner = entry[1];
  }
  return place;
}

/** All places in a value, from outside to inside. */
function placesIn(value: unknown, before: Place = []): readonly Place[] {
  if (before.length >= deepest || value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = [...before, key];
    return [place, ...placesIn(inner, place)];
  });
}
