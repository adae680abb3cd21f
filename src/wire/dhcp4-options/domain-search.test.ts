import { expect, test } from "vitest";
import { domainSearch } from "./domain-search.ts";
import { readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [1, 97, 2, 98, 99, 0], { value: ["a.bc"] }],
  ["two, the second ends in the first", [1, 97, 2, 98, 99, 0, 1, 100, 0xc0, 2], { value: ["a.bc", "d.bc"] }],
  ["a pointer alone", [1, 97, 0, 0xc0, 0], { value: ["a", "a"] }],
  ["pointer to a pointer", [1, 97, 0, 1, 98, 0xc0, 0, 1, 99, 0xc0, 3], { value: ["a", "b.a", "c.b.a"] }],
  ["root", [0], { value: ["."] }],
  ["short: in a label", [3, 97, 98], { why: "ends inside a label, after 3 bytes" }],
  ["short: no end", [2, 97, 98], { why: "ends inside a name, after 3 bytes" }],
  ["short: in a pointer", [1, 97, 0, 0xc0], { why: "ends inside a compression pointer" }],
  ["empty", [], { why: "empty" }],
  ["long: a name begun", [1, 97, 0, 1], { why: "ends inside a label, after 4 bytes" }],
  ["pointer to itself", [0xc0, 0], { why: "compression pointer at 0 does not point backwards" }],
  [
    "pointer into its own name",
    [1, 97, 0xc0, 0],
    { why: "compression pointer at 2 does not point backwards" },
  ],
  [
    "pointers in a ring",
    [1, 97, 0xc0, 4, 1, 98, 0xc0, 0],
    { why: "compression pointer at 2 does not point backwards" },
  ],
  ["pointer forward", [0xc0, 2, 1, 97, 0], { why: "compression pointer at 0 does not point backwards" }],
  ["reserved label type", [0x41, 97, 0], { why: "label type 0x41 at 0" }],
  ["dot in a label", [3, 97, 46, 98, 0], { why: "a label at 0 holds bytes that names do not have" }],
  ["line feed in a label", [3, 97, 10, 98, 0], { why: "a label at 0 holds bytes that names do not have" }],
  [
    "longest name",
    [...Array.from({ length: 127 }, () => [1, 97]).flat(), 0],
    { value: [Array.from({ length: 127 }, () => "a").join(".")] },
  ],
  [
    "name too long",
    [...Array.from({ length: 128 }, () => [1, 97]).flat(), 0],
    { why: "a name of more than 255 bytes" },
  ],
  ["absent", undefined, {}],
])("option 119, domain search: %s", (_, bytes, expected) => {
  expect(readOption("domainSearch", 119, bytes)).toStrictEqual(expected);
});

test("option 119, domain search: emitted", () => {
  expect([...domainSearch.emit(["a.bc", "d.", "."])]).toEqual([1, 97, 2, 98, 99, 0, 1, 100, 0, 0]);
});

test.each(["a..b", "x".repeat(64), ""])("option 119, domain search: %j cannot be emitted", (name) => {
  expect(() => domainSearch.emit([name])).toThrow(RangeError);
});
