import { expect, test } from "vitest";
import { domainNames, isLabel } from "./domain-names.ts";

// Names with pointers: dhcp4-options/domain-search.test.ts.
const names = domainNames({ pointers: false });
const labels = (count: number): number[] => Array.from({ length: count }, () => [1, 97]).flat();

test.each([
  ["two names", [1, 97, 2, 98, 99, 0, 1, 100, 0], ["a.bc", "d"]],
  ["the root", [0], ["."]],
  ["the longest name", [...labels(127), 0], [Array.from({ length: 127 }, () => "a").join(".")]],
  ["the longest label", [63, ...Array.from({ length: 63 }, () => 97), 0], ["a".repeat(63)]],
])("%s is read and written", (_, bytes, value) => {
  expect(names.parse(Uint8Array.from(bytes))).toStrictEqual({ ok: true, value });
  expect([...names.emit(value)]).toStrictEqual(bytes);
});

test.each([
  ["a pointer", [1, 97, 0, 0xc0, 0], "compression pointer at 3"],
  ["nothing", [], "empty"],
  ["no end", [1, 97], "ends inside a name, after 2 bytes"],
  ["half a label", [3, 97, 98], "ends inside a label, after 3 bytes"],
  ["a reserved label type", [0x80, 0], "label type 0x80 at 0"],
  ["a space", [3, 97, 32, 98, 0], "a label at 0 holds bytes that names do not have"],
  ["256 bytes", [...labels(127), 1, 97, 0], "a name of more than 255 bytes"],
])("%s is an error", (_, bytes, error) => {
  expect(names.parse(Uint8Array.from(bytes))).toStrictEqual({ ok: false, error });
});

test.each([
  "",
  "a..b",
  ".a",
  "a b",
  "ä",
  `${"a".repeat(64)}.b`,
  Array.from({ length: 128 }, () => "a").join("."),
])("%j is no name to write", (name) => {
  expect(() => names.emit([name])).toThrow(RangeError);
});

test("a dot at the end changes nothing", () => {
  expect(names.emit(["a.b."])).toStrictEqual(names.emit(["a.b"]));
});

test.each([
  ["a", true],
  ["_x-1'*", true],
  ["a".repeat(63), true],
  ["", false],
  ["a".repeat(64), false],
  ["a.b", false],
  ["a\\b", false],
  ["Bob's phone", false],
  ["ä", false],
  ["a\n", false],
])("%j as a label: %s", (text, expected) => {
  expect(isLabel(text)).toBe(expected);
});
