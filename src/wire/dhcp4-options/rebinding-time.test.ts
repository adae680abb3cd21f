import { expect, test } from "vitest";
import { readOption } from "./read-option.fixture.ts";
import { rebindingTime } from "./rebinding-time.ts";

test.each([
  ["present", [0, 1, 81, 128], { value: 86400 }],
  ["largest", [255, 255, 255, 255], { value: 4294967295 }],
  ["short", [1, 81, 128], { why: "3 bytes, 4 needed" }],
  ["empty", [], { why: "0 bytes, 4 needed" }],
  ["long", [0, 0, 1, 81, 128], { why: "5 bytes, 4 needed" }],
  ["absent", undefined, {}],
])("option 59, rebinding time T2: %s", (_, bytes, expected) => {
  expect(readOption("rebindingTime", 59, bytes)).toStrictEqual(expected);
});

test("option 59, rebinding time T2: emitted", () => {
  expect([...rebindingTime.emit(4294967294)]).toEqual([255, 255, 255, 254]);
});
