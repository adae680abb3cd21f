import { expect, test } from "vitest";
import { overload } from "./overload.ts";
import { readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [3], { value: 3 }],
  ["zero", [0], { why: "0 is not 1, 2 or 3" }],
  ["four", [4], { why: "4 is not 1, 2 or 3" }],
  ["short", [], { why: "0 bytes, 1 needed" }],
  ["long", [1, 1], { why: "2 bytes, 1 needed" }],
  ["absent", undefined, {}],
])("option 52, overload: %s", (_, bytes, expected) => {
  expect(readOption("overload", 52, bytes)).toStrictEqual(expected);
});

test("option 52, overload: emitted", () => {
  expect([...overload.emit(2)]).toEqual([2]);
});
