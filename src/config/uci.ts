/** OpenWrt's `/etc/config/ipv4-ipv6-gateway`: sections `config gateway '<section>'` with the keys of the TOML file. */
import type { ConfigProblem } from "./problems.ts";
import { showKey } from "./quote.ts";
import { type Setting, sections, settings } from "./schema.ts";
import type { Loaded } from "./toml.ts";
import { parseUci, type UciSection, type UciValue } from "./uci-syntax.ts";
import { adviseKey } from "./unknown-key.ts";

/** The words that OpenWrt's config_get_bool knows. */
const booleans: Readonly<Record<string, boolean>> = {
  "1": true,
  on: true,
  true: true,
  yes: true,
  enabled: true,
  "0": false,
  off: false,
  false: false,
  no: false,
  disabled: false,
};

const toFlag = (text: string): unknown => (Object.hasOwn(booleans, text) ? booleans[text] : text);
const toNumber = (text: string): unknown => (/^[+-]?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text);

/** The section a UCI section stands for: its name under type `gateway`, else its type. */
export const sectionOf = (s: UciSection): string => (s.type === "gateway" ? (s.name ?? "") : s.type);

const at = (line: number, text: string, key = ""): ConfigProblem => ({
  key,
  line: `line ${line}: ${text}`,
  lineNumber: line,
});

/** `8080:80,5000` as gateway port and ports of the device; a bare port leads to the same port. */
function addPorts(
  table: Record<string, unknown>,
  setting: string,
  { value, line }: UciValue,
  problems: ConfigProblem[],
): void {
  const [key = "", targets = key, ...rest] = value.split(":").map((part) => part.trim());
  const list = targets.split(",").map((part) => toNumber(part.trim()));
  if (Object.hasOwn(table, key))
    problems.push(at(line, `${setting}.${showKey(key)} is given twice`, setting));
  else table[key] = rest.length > 0 ? value : list.length === 1 ? list[0] : list;
}

export const words = (value: UciValue): readonly string[] =>
  value.kind === "list" ? [value.value] : value.value.split(/\s+/).filter((word) => word !== "");

/** The values of one setting as the schema wants them; what does not convert stays text, and the schema complains. */
function convert(
  { form, section, key }: Setting,
  given: readonly UciValue[],
  problems: ConfigProblem[],
): unknown {
  if (form === "list") return given.flatMap(words);
  if (form === "ports") {
    const table: Record<string, unknown> = Object.create(null);
    for (const value of given)
      for (const word of words(value))
        addPorts(table, `${section}.${key}`, { ...value, value: word }, problems);
    return table;
  }
  const [first, second] = given;
  if (second !== undefined)
    problems.push(at(second.line, `${section}.${key} is given twice`, `${section}.${key}`));
  const text = first?.value ?? "";
  if (form === "flag") return toFlag(text);
  return form === "number" ? toNumber(text) : text;
}

/** Reads UCI into the form of ConfigInput. Unknown keys stay in it, so that one place words all complaints. */
export function loadUci(text: string): Loaded {
  const file = parseUci(text);
  const problems = file.errors.map(({ line, why }) => at(line, why));
  const given = new Map<string, Map<string, UciValue[]>>();
  for (const section of file.sections) {
    const name = sectionOf(section);
    if (!Object.hasOwn(sections, name)) {
      problems.push(at(section.line, `config ${describe(section)}: ${adviseKey(undefined, name)}`));
      continue;
    }
    const keys = given.get(name) ?? new Map<string, UciValue[]>();
    given.set(name, keys);
    for (const value of section.values) keys.set(value.name, [...(keys.get(value.name) ?? []), value]);
  }
  const input: Record<string, unknown> = Object.create(null);
  for (const [name, keys] of given) input[name] = convertSection(name, keys, problems);
  return { input, problems };
}

const describe = ({ type, name }: UciSection): string =>
  name === undefined ? showKey(type) : `${showKey(type)} '${showKey(name)}'`;

function convertSection(name: string, keys: ReadonlyMap<string, UciValue[]>, problems: ConfigProblem[]) {
  const out: Record<string, unknown> = Object.create(null);
  for (const [key, values] of keys) {
    const setting = settings.find((s) => s.section === name && s.key === key);
    out[key] = setting === undefined ? values.at(-1)?.value : convert(setting, values, problems);
  }
  return out;
}
