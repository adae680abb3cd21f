import { expect, test } from "vitest";
import { selfTest } from "./self-test.ts";

test("all parts work here", async () => {
  const lines: string[] = [];
  expect(await selfTest({ json: false, out: (text) => void lines.push(text) })).toBe(0);
  expect(lines.map((line) => line.replace(/:.*\n/, ""))).toEqual([
    "ok      runtime",
    "ok      DHCPv4",
    "ok      DHCPv6",
    "ok      configuration",
    "ok      native part",
  ]);
});
