/** `gateway config check`. */
import { problemLines } from "../config/problem-lines.ts";
import { showTyped } from "../config/quote.ts";
import type { Told } from "./commands/common.ts";
import { loadConfig, type ReadText, readConfig } from "./config-load.ts";
import type { ConfigPlace, Output } from "./config-place.ts";
import { jsonText } from "./json-text.ts";

export async function configCheck(place: ConfigPlace, read: ReadText, output: Output & Told): Promise<0 | 2> {
  if (output.json) return checkForScripts(place, read, output);
  const { note } = await loadConfig(place, read);
  if (note === undefined) output.out(`${showTyped(place.path)}: the configuration is good.\n`);
  else output.err(`${note}\n`);
  return 0;
}

/** A file that cannot be read at all is an error as elsewhere; what is wrong in it is data. */
async function checkForScripts(place: ConfigPlace, read: ReadText, { out }: Output): Promise<0 | 2> {
  const { text, outcome } = await readConfig(place, read);
  const lineOf = outcome.ok ? undefined : problemLines(text ?? "", place.path);
  const problems = outcome.ok ? [] : outcome.problems;
  const json = {
    file: place.path,
    exists: text !== undefined,
    valid: outcome.ok,
    problems: problems.map((problem) => ({
      path: problem.key === "" ? null : problem.key,
      line: lineOf?.(problem) ?? null,
      message: problem.line,
    })),
  };
  out(jsonText(json));
  return outcome.ok ? 0 : 2;
}
