import { expect, test } from "vitest";
import { namesTable, parseNftLine } from "./nft-line.ts";

const table = { family: "inet", name: "ours" };
const table6 = { family: "ip6", name: "ours" };

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

test.each([
  [
    'add element inet ours own4 { 192.0.2.10 . "gw001122334451" }',
    ['element own4 192.0.2.10 . "gw001122334451"'],
    false,
  ],
  ["add element inet ours device4 { 192.0.2.10 : 192.168.1.5 }", ["element device4 192.0.2.10"], false],
  [
    "delete element inet ours reach6 { 2001:db8::5, 2001:db8::6 }",
    ["element reach6 2001:db8::5", "element reach6 2001:db8::6"],
    true,
  ],
  ["add rule inet ours input iifname lo accept", [], false],
  ["delete table ip6 ours", [], false],
])("nft monitor tells which elements changed: %s", (line, keys, gone) => {
  expect(parseNftLine(line, [table, table6])).toEqual({ kind: "nftables", keys, gone });
});

test("of another table nft monitor tells nothing", () => {
  expect(parseNftLine("add element inet theirs own4 { 192.0.2.10 }", [table])).toBeUndefined();
});
