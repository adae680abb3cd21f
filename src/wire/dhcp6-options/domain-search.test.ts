import { expect, test } from "vitest";
import { emitted, rawOption, readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [1, 97, 2, 98, 99, 0], { value: ["a.bc"] }],
  ["two", [1, 97, 0, 1, 98, 0], { value: ["a", "b"] }],
  ["root", [0], { value: ["."] }],
  ["a pointer", [1, 97, 0, 0xc0, 0], { why: "compression pointer at 3" }],
  ["short: no end", [1, 97], { why: "ends inside a name, after 2 bytes" }],
  ["empty", [], { why: "empty" }],
  ["long: a name begun", [1, 97, 0, 1], { why: "ends inside a label, after 4 bytes" }],
  ["absent", undefined, {}],
])("option 24, domain search: %s", (_, bytes, expected) => {
  expect(readOption("domainSearch", 24, bytes)).toStrictEqual(expected);
});

test("option 24, domain search: emitted", () => {
  expect(emitted({ domainSearch: ["a.bc", "d."] })).toEqual(rawOption(24, [1, 97, 2, 98, 99, 0, 1, 100, 0]));
  expect(emitted({ domainSearch: [] })).toEqual([]);
  expect(() => emitted({ domainSearch: ["a..b"] })).toThrow(RangeError);
});
