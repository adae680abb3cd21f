/** The effective configuration as a TOML file that explains itself. */
import { stringify } from "smol-toml";
import * as z from "zod/mini";
import {
  type Config,
  configSchema,
  defaultConfig,
  type Setting,
  sectionMeta,
  sections,
  settings,
} from "./schema.ts";

type Tables = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const width = 100;

/** Breaks into comment lines of at most `width` columns. */
function comment(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines;
}

/** What is allowed, with its unit. */
export const rangeOf = ({ unit, allowed }: Setting): string =>
  unit === undefined || allowed.includes(unit) ? allowed : `${allowed} (${unit})`;

function about(setting: Setting): readonly string[] {
  const { description, apply, form } = setting;
  return [
    ...comment(description),
    ...(form === "flag" ? [] : comment(`Allowed: ${rangeOf(setting)}.`)),
    ...(apply === "live" ? [] : ["# A change needs a restart."]),
  ];
}

/** A value as TOML writes it. */
export const toml = (value: unknown): string => stringify({ v: value }).trim().replace(/^v = /, "");
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function scalar(key: string, value: unknown, standard: unknown): string {
  return `${key} = ${toml(value)}  # ${same(value, standard) ? "default" : `default: ${toml(standard)}`}`;
}

function table(name: string, value: unknown, standard: unknown): readonly string[] {
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  return [
    same(value, standard) ? "# This table is the default." : "# This table is not the default.",
    `[${name}]`,
    ...entries.map(([key, v]) => `${key} = ${toml(v)}`),
  ];
}

function renderSection(name: string, given: Tables, standard: Tables): readonly string[] {
  const mine = settings.filter((s) => s.section === name);
  const value = (of: Tables, { key }: Setting): unknown => of[name]?.[key];
  // TOML wants the plain keys of a section before its tables.
  const plain = mine.filter((s) => s.form !== "ports");
  const tables = mine.filter((s) => s.form === "ports");
  return [
    ...plain.flatMap((s) => [...about(s), scalar(s.key, value(given, s), value(standard, s)), ""]),
    ...tables.flatMap((s) => [
      ...about(s),
      ...table(`${name}.${s.key}`, value(given, s), value(standard, s)),
      "",
    ]),
  ];
}

/** The settings as a file has them: times in seconds, addresses as text. */
export const writtenConfig = (config: Config): Tables => z.encode(configSchema, config) as Tables;

/** TOML that reads back as the same configuration; each key with its meaning, range and whether it is the default. */
export function renderConfig(config: Config): string {
  const given = writtenConfig(config);
  const standard = writtenConfig(defaultConfig());
  const lines = Object.entries(sections).flatMap(([name, schema]) => [
    ...comment(sectionMeta.get(schema.def.innerType)?.description ?? ""),
    `[${name}]`,
    ...renderSection(name, given, standard),
  ]);
  return `${lines.join("\n").trim()}\n`;
}
