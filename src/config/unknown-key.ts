import { cut, printable, showKey } from "./quote.ts";
import { sections, settings } from "./schema.ts";

/** Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(replace, swap, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

const simple = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, "");

/** The word nearest to `given`, if it is near enough to be what was meant. */
function nearest(given: string, words: readonly string[]): string | undefined {
  if (given.length > 60) return undefined;
  const near = words
    .map((word) => ({ word, distance: editDistance(simple(given), simple(word)) }))
    .filter(({ word, distance }) => distance <= Math.max(1, Math.floor(simple(word).length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.word;
}

const sectionNames = Object.keys(sections);

/** What was probably meant by an unknown key, as a sentence. `section` is undefined for a key at the top of the file. */
export function adviseKey(section: string | undefined, key: string): string {
  if (section === undefined) {
    const name = nearest(key, sectionNames);
    if (name !== undefined) return `no such section; did you mean [${name}]?`;
  }
  const here = settings.filter((s) => s.section === section).map((s) => s.key);
  const meant = nearest(key, here);
  if (meant !== undefined) return `no such key; did you mean ${section}.${meant}?`;
  const elsewhere = settings.find((s) => simple(s.key) === simple(key)) ?? dotted(key);
  if (elsewhere !== undefined) return `no such key; did you mean ${elsewhere.section}.${elsewhere.key}?`;
  return section === undefined
    ? `no such section; known sections: ${sectionNames.join(", ")}`
    : `no such key; [${section}] has ${here.join(", ")}`;
}

/** The setting meant by e.g. `lan_interface` or `LAN_INTERFACE`, as the original's keys look. */
const dotted = (key: string) => settings.find((s) => simple(`${s.section}${s.key}`) === simple(key));

/** `section.key` for messages. */
export const showPath = (...parts: readonly string[]): string =>
  cut(printable(parts.map(showKey).join(".")), 80);
