/** What the demonstration shows: steps, and a table that fills in place on a terminal. */

const bold = (text: string): string => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text);
const green = (text: string): string => (process.stdout.isTTY ? `\x1b[32m${text}\x1b[0m` : text);

export const say = (text = ""): void => void process.stdout.write(`${text}\n`);
/** Prints the heading of each of so many parts. */
export function chapters(of: number): (text: string) => void {
  let n = 0;
  return (text) => say(`\n${bold(`[${++n}/${of}] ${text}`)}`);
}
export const good = (text: string): void => say(`  ${green("ok")}  ${text}`);

/** Shows a text again and again in the same place; where there is no terminal, only when it has changed. */
export class Live {
  #lines = 0;
  #last = "";

  /** `same` is what counts as unchanged, for texts with running times in them. */
  show(text: string, same: string = text): void {
    if (same === this.#last && !process.stdout.isTTY) return;
    this.#last = same;
    if (process.stdout.isTTY && this.#lines > 0) process.stdout.write(`\x1b[${this.#lines}A\x1b[0J`);
    process.stdout.write(text);
    this.#lines = text.split("\n").length - 1;
  }
}

/** Columns as wide as their widest cell, two spaces between. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ");
  return rows.map((row) => `  ${line(row).trimEnd()}\n`).join("");
}
