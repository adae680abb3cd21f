/** What a bench found, as tables: for the terminal, for its JSON file, and for docs/performance.md. */
import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { columns } from "../../lab/demo/screen.ts";

export interface Report {
  readonly title: string;
  /** What was measured and how, one sentence a line. */
  readonly about: readonly string[];
  readonly tables: readonly Table[];
}

/** Rows of equal length; the first one is the heading. */
export type Table = readonly (readonly string[])[];

export const reportText = ({ about, tables }: Report): string =>
  [...about.map((line) => `${line}\n`), ...tables.map((table) => `\n${columns(table)}`)].join("");

/** What a bench writes into its JSON file, besides the figures. */
export interface Published {
  /** As people type it. */
  readonly command: string;
  readonly report: Report;
}

/** `bench/proxy --runs 3`; where the figures went is not of interest. */
export function commandOf([, program = "", ...args]: readonly string[]): string {
  const at = args.indexOf("--json");
  const rest = at < 0 ? args : args.toSpliced(at, 2);
  return [`bench/${basename(program, ".js")}`, ...rest].join(" ");
}

/** Prints the report, and writes it with the figures behind it into `file`, where there is one. */
export async function publish(report: Report, figures: object, file: string | undefined): Promise<void> {
  process.stdout.write(reportText(report));
  if (file === undefined) return;
  const published: Published = { command: commandOf(process.argv), report };
  await writeFile(file, `${JSON.stringify({ ...published, ...figures }, undefined, 2)}\n`);
}
