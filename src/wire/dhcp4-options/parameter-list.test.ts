import { expect, test } from "vitest";
import { parameterList } from "./parameter-list.ts";
import { readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [1, 3, 6, 121], { value: [1, 3, 6, 121] }],
  ["short", [], { why: "0 bytes, a multiple of 1 needed" }],
  ["long, in parts", Array.from({ length: 300 }, () => 6), { value: Array.from({ length: 300 }, () => 6) }],
  ["absent", undefined, {}],
])("option 55, parameter list: %s", (_, bytes, expected) => {
  expect(readOption("parameterList", 55, bytes)).toStrictEqual(expected);
});

test("option 55, parameter list: emitted", () => {
  expect([...parameterList.emit([1, 121, 3])]).toEqual([1, 121, 3]);
});
