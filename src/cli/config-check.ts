/** `gateway config check`. */
import { problemLines } from "../config/problem-lines.ts";
import { type ConfigProblem, configError } from "../config/problems.ts";
import { showTyped } from "../config/quote.ts";
import type { Told } from "./commands/common.ts";
import { missingNote, type ReadText, readConfig } from "./config-load.ts";
import type { ConfigPlace, Output } from "./config-place.ts";
import { jsonText } from "./json-text.ts";

/** Errors: GatewayError as of `readConfig`, and "config-invalid" where no JSON is wanted. */
export async function configCheck(
  place: ConfigPlace,
  read: ReadText,
  { json, out, err }: Output & Told,
): Promise<0 | 2> {
  const { text, outcome } = await readConfig(place, read);
  const problems = outcome.ok ? [] : withLines(outcome.problems, text ?? "", place.path);
  if (json) {
    out(jsonText(checked(place, text !== undefined, problems)));
    return outcome.ok ? 0 : 2;
  }
  if (problems.length > 0) throw configError(showTyped(place.path), problems.map(atItsLine));
  if (text === undefined) err(`${missingNote(place)}\n`);
  else out(`${showTyped(place.path)}: the configuration is good.\n`);
  return 0;
}

function withLines(problems: readonly ConfigProblem[], text: string, path: string): readonly ConfigProblem[] {
  const lineOf = problemLines(text, path);
  return problems.map((problem) => {
    const lineNumber = lineOf(problem);
    return lineNumber === undefined ? problem : { ...problem, lineNumber };
  });
}

/** Some say it themselves. */
const atItsLine = (problem: ConfigProblem): ConfigProblem =>
  problem.lineNumber === undefined || problem.line.startsWith("line ")
    ? problem
    : { ...problem, line: `line ${problem.lineNumber}: ${problem.line}` };

const checked = ({ path }: ConfigPlace, exists: boolean, problems: readonly ConfigProblem[]) => ({
  file: path,
  exists,
  valid: problems.length === 0,
  problems: problems.map(({ key, lineNumber, line }) => ({
    path: key === "" ? null : key,
    line: lineNumber ?? null,
    message: line,
  })),
});
