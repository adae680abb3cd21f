/** The lines of a configuration file that its problems are about. */
import { syntaxOf, withoutMark } from "./parse.ts";
import type { ConfigProblem } from "./problems.ts";
import { linesOfToml } from "./toml-lines.ts";
import { linesOfUci } from "./uci-lines.ts";

/** Line, from 1, of what stands at a place of the input, as `["lan", "address"]`; undefined: it is not in the file. */
type LineOf = (place: readonly string[]) => number | undefined;

/** For the problems that `parseConfig` found in the same text under the same path. */
export function problemLines(text: string, path: string): (problem: ConfigProblem) => number | undefined {
  const clean = withoutMark(text);
  let lineOf: LineOf | undefined;
  const find = (place: readonly string[]): number | undefined => {
    lineOf ??= syntaxOf(clean, path) === "toml" ? linesOfToml(clean) : linesOfUci(clean);
    return lineOf(place);
  };
  return ({ lineNumber, place }) => lineNumber ?? (place && find(place));
}
