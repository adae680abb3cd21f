/** What `--help` and the manual page say of a command beyond commander's own. */
import type { Command } from "commander";

/** A command line, and what it is for. */
export type Example = readonly [line: string, what: string];

const known = new WeakMap<Command, readonly Example[]>();

/** @param summary one line for the list of commands @param more the rest of the description */
export function explain(
  command: Command,
  summary: string,
  more: string,
  ...examples: readonly Example[]
): Command {
  known.set(command, examples);
  return command
    .summary(summary)
    .description(more === "" ? summary : `${summary}\n\n${more}`)
    .addHelpText("after", () => `\nExamples:\n${exampleLines(examples)}`);
}

export const examplesOf = (command: Command): readonly Example[] => known.get(command) ?? [];

const column = 38;

/** A long line has its explanation beneath. */
function exampleLines(examples: readonly Example[]): string {
  return examples
    .map(([line, what]) => {
      const beside = line.length <= column - 4 ? line.padEnd(column - 2) : `${line}\n${" ".repeat(column)}`;
      return `  ${what === "" ? line : `${beside}${what}`}`;
    })
    .join("\n");
}
