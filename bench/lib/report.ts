/** What a bench found, as tables: for the terminal, for its JSON file, and for docs/performance.md. */
import { writeFile } from "node:fs/promises";
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

/** Prints the report, and writes it with the figures behind it into `file`, where there is one. */
export async function publish(report: Report, figures: object, file: string | undefined): Promise<void> {
  process.stdout.write(reportText(report));
  if (file !== undefined) await writeFile(file, `${JSON.stringify({ report, ...figures }, undefined, 2)}\n`);
}
