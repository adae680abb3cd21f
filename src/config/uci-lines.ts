/** On which line of a UCI file each setting stands. */
import { type Setting, settings } from "./schema.ts";
import { sectionOf, words } from "./uci.ts";
import { parseUci, type UciValue } from "./uci-syntax.ts";

/** The first line of what stands at section, key, entry. */
export function linesOfUci(text: string): (place: readonly string[]) => number | undefined {
  const { sections } = parseUci(text);
  return ([name, key, entry]) => {
    const those = sections.filter((section) => sectionOf(section) === name);
    if (key === undefined) return those[0]?.line;
    const values = those.flatMap((section) => section.values).filter((value) => value.name === key);
    const setting = settings.find((s) => s.section === name && s.key === key);
    return (entry === undefined ? values[0] : holding(values, setting, entry))?.line;
  };
}

/** Of a list the entry has its number, of ports the gateway's port. */
function holding(
  values: readonly UciValue[],
  setting: Setting | undefined,
  entry: string,
): UciValue | undefined {
  if (setting?.form === "list")
    return values.flatMap((value) => words(value).map(() => value))[Number(entry)];
  return values.find((value) => words(value).some((word) => word.split(":")[0]?.trim() === entry));
}
