import type { Readable } from "node:stream";

/** A line without an end is handed over in parts of this many characters. */
const LONGEST_LINE = 65_536;

/** Calls back with each line of a text stream, without its line end; the rest comes when the stream ends. */
export function onLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE) {
      lines.push(rest);
      rest = "";
    }
    for (const line of lines) onLine(line.replace(/\r$/, ""));
  });
  stream.on("end", () => {
    if (rest !== "") onLine(rest);
  });
  // A reset pipe ends the child's output; its exit is what counts.
  stream.on("error", () => {});
}
