import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { alone, lateOptimizing } from "./late-compiler.ts";

/** Forty functions, each of them called so often; the flag is set while the program runs, as the daemon does. */
const program = (flag: string, calls: number): string => `
  const { setFlagsFromString } = require("node:v8");
  ${flag === "" ? "" : `setFlagsFromString(${JSON.stringify(flag)});`}
  const made = Array.from({ length: 40 }, (_, n) => new Function("list", "let sum = " + n + "; for (const x of list) sum += x * 3; return sum;"));
  const list = [1, 2, 3, 4, 5, 6, 7, 8];
  let sum = 0;
  for (let call = 0; call < ${calls}; call++) for (const one of made) sum += one(list);
  console.log("sum " + sum);
`;

function optimized(flag: string, calls: number): number {
  const argv = ["--trace-opt", "--eval", program(flag, calls)];
  const output = execFileSync(process.execPath, argv, { encoding: "utf8" });
  expect(output).toContain("sum ");
  // Told as it is decided, however long the machine then takes for it.
  return output.split("\n").filter((line) => line.includes("for optimization to TURBOFAN")).length;
}

test("what runs for a moment is not optimized, and what runs for long is", () => {
  expect(optimized("", 3000)).toBeGreaterThan(30);
  expect(optimized(lateOptimizing, 3000)).toBeLessThan(10);
  expect(optimized(lateOptimizing, 60_000)).toBeGreaterThan(30);
});

test("what is new is collected by one thread", () => {
  const churn = `
    require("node:v8").setFlagsFromString(${JSON.stringify(alone)});
    const kept = [];
    for (let n = 0; n < 2e6; n++) if (n % 4 === 0) kept[n % 4e5] = { n };
  `;
  const argv = ["--trace-gc", "--trace-parallel-scavenge", "--eval", churn];
  const output = execFileSync(process.execPath, argv, { encoding: "utf8" });
  const count = (pattern: RegExp): number => [...output.matchAll(pattern)].length;
  expect(count(/: Scavenge /g)).toBeGreaterThan(3);
  expect(count(/ scavenge\[/g)).toBe(count(/: Scavenge /g));
});
