/** What is wrong with a configuration, one line a problem. */
import type * as z from "zod/mini";
import { GatewayError } from "../base/errors.ts";
import { showValue } from "./quote.ts";
import { configSchema, settings } from "./schema.ts";
import { adviseKey, showPath } from "./unknown-key.ts";

export interface ConfigProblem {
  /** The setting, e.g. `lan.address`; empty when the text as a whole cannot be read. */
  readonly key: string;
  /** One whole line that names key, value and what is allowed. */
  readonly line: string;
  /** Where it stands in the input; absent where it is nothing of it. */
  readonly place?: readonly string[];
  /** The line of the file, from 1, where whoever read the text knows it. */
  readonly lineNumber?: number;
}

/** @param place in the input; a setting's own, when absent */
export const problem = (
  key: string,
  given: unknown,
  rule: string,
  place: readonly string[] = key.split("."),
): ConfigProblem => ({ key, line: `${key} = ${showValue(given)}: ${rule}`, place });

/** What stands at `path` in the input. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = input;
  for (const part of path) {
    if (value === null || typeof value !== "object") return undefined;
    value = Object.hasOwn(value, part) ? (value as Record<PropertyKey, unknown>)[part] : undefined;
  }
  return value;
}

type Issue = z.core.$ZodIssue;

function fromIssue(issue: Issue, input: unknown): readonly ConfigProblem[] {
  const path = issue.path.map(String);
  const [section, key, entry] = path;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((unknown) => {
      const at = showPath(...path, unknown);
      const place = [...path, unknown];
      return problem(at, valueAt(input, place), adviseKey(section, unknown), place);
    });
  }
  if (section === undefined) return [{ key: "", line: "the configuration must be a table of sections" }];
  const setting = settings.find((s) => s.section === section && s.key === key);
  if (setting === undefined)
    return [problem(section, valueAt(input, [section]), `must be a section, [${section}]`)];
  // One line for a setting or for an entry of its table or list; what is deeper is part of the value.
  const place = entry === undefined ? [section, setting.key] : [section, setting.key, entry];
  const inList = entry !== undefined && setting.form === "list";
  const rule = `must be ${(inList ? setting.entry : undefined) ?? setting.allowed}`;
  return [problem(showPlace(place, inList), valueAt(input, place), rule, place)];
}

const showPlace = ([section = "", key = "", entry]: readonly string[], inList: boolean): string => {
  if (entry === undefined) return `${section}.${key}`;
  return inList ? `${section}.${key}[${entry}]` : showPath(section, key, entry);
};

/** The problems of an input in the form of ConfigInput; empty when there are none. */
export function schemaProblems(input: unknown): readonly ConfigProblem[] {
  const parsed = configSchema.safeParse(input);
  if (parsed.success) return [];
  const lines = new Map<string, ConfigProblem>();
  for (const issue of parsed.error.issues) for (const p of fromIssue(issue, input)) lines.set(p.line, p);
  return [...lines.values()];
}

/** The error with which commands and the daemon refuse a configuration; `source` is the file's path. */
export function configError(source: string, problems: readonly ConfigProblem[]): GatewayError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return new GatewayError(
    "config-invalid",
    "operator",
    [`${source}: ${count} in the configuration`, ...problems.map((p) => `  ${p.line}`)].join("\n"),
    "gateway config schema prints all keys with what is allowed",
  );
}
