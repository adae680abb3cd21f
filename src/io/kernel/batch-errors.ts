import type { LineFailure } from "../../ports/kernel.ts";

/**
 * What `ip -force -batch -` prints on stderr -> the lines that failed. iproute2 puts the reason first, in one or more lines, and then
 * `Command failed -:N`, counting from 1. `before`: so many lines came before
 * those that are meant.
 */
export function parseBatchErrors(stderr: string, before = 0): readonly LineFailure[] {
  const failures: LineFailure[] = [];
  let reason: string[] = [];
  for (const text of stderr.split("\n").map((line) => line.trim())) {
    const number = /^Command failed .*:(\d+)$/.exec(text)?.[1];
    if (number !== undefined) {
      failures.push({ line: Number(number) - 1 - before, message: reason.join("; ") || "no reason given" });
      reason = [];
    } else if (text !== "") reason.push(text.replace(/^(RTNETLINK answers|Error): /, ""));
  }
  return failures;
}
