/** Words that would do harm where somebody builds a command, a file or a terminal's line from them. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { RunResult } from "../exec.ts";
import type { Lab } from "../topology.ts";

/** Each would make a file whose name begins with `executed` in the lab's directory. */
export const hostileTexts = (lab: Lab): readonly string[] => {
  const touch = `touch ${join(lab.directory, "executed")}`;
  return [
    `; ${touch}-semicolon;`,
    `$(${touch}-dollar)`,
    `\`${touch}-backtick\``,
    `' ; ${touch}-single; '`,
    `"; ${touch}-double; "`,
    `\n${touch}-line\n`,
    `| ${touch}-pipe & ${touch}-ampersand > ${join(lab.directory, "executed-redirected")}`,
    `}; add rule inet filter input accept; # \\ %s %n \${HOME}`,
    "\x1b]0;owned\x07\x1b[2J\x1b[31m\r",
    "\u202egnp.exe\u2028\u200bкамера-相机-🎥-é",
    "A".repeat(10_000),
    "../../../../no/such/file",
    "-e",
  ];
};

/** Nothing of what the words ask for has been done. */
export async function expectNothingExecuted(lab: Lab): Promise<void> {
  expect((await readdir(lab.directory)).filter((name) => name.startsWith("executed"))).toEqual([]);
}

/** What a terminal would act upon, or what pretends to be something else. */
const unshowable = /(?! )[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Lines that a terminal shows as they are. @param most characters of each */
export function expectShowable(text: string, most: number): void {
  for (const line of text.split("\n")) {
    expect(line).not.toMatch(unshowable);
    expect([...line].length, line.slice(0, 100)).toBeLessThanOrEqual(most);
  }
}

/** Refused with one sentence, and at most one of advice beneath it. */
export function expectRefused({ code, stdout, stderr }: RunResult): void {
  expect([1, 2]).toContain(code);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^(?:error|gateway): [^\n]+\n(?:(?:Hint: |gateway --help )[^\n]+\n)?$/);
  expectShowable(stderr, 400);
}
