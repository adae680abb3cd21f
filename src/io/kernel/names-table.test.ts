import { expect, test } from "vitest";
import { namesTable, parseMonitorLine } from "./monitor-line.ts";

const table = { family: "inet", name: "ours" };

test.each([
  ["delete table inet ours", true],
  ["add rule inet ours input iifname lo accept", true],
  ["delete chain inet ours input", true],
  ["add table inet ours2", false],
  ["add table ip ours", false],
  ["# new generation 3 by process 7 (nft)", false],
])("nft monitor: %s -> %s", (line, expected) => {
  expect(namesTable(line, table)).toBe(expected);
});

test("a changed setting of the kernel is told", () => {
  expect(parseMonitorLine("inet all forwarding off ")).toEqual({ kind: "setting" });
  expect(parseMonitorLine("inet lo rp_filter strict ")).toEqual({ kind: "setting" });
});
