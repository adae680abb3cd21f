import { expect, test } from "vitest";
import { emitted, rawOption, readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [0, 23, 0, 24], { value: [23, 24] }],
  ["large codes", [255, 255], { value: [65535] }],
  ["short", [0], { why: "1 bytes, a multiple of 2 needed" }],
  ["empty", [], { why: "0 bytes, a multiple of 2 needed" }],
  ["long", [0, 23, 0], { why: "3 bytes, a multiple of 2 needed" }],
  ["absent", undefined, {}],
])("option 6, request list: %s", (_, bytes, expected) => {
  expect(readOption("requestList", 6, bytes)).toStrictEqual(expected);
});

test("option 6, request list: emitted", () => {
  expect(emitted({ requestList: [23, 258] })).toEqual(rawOption(6, [0, 23, 1, 2]));
  expect(emitted({ requestList: [] })).toEqual([]);
});
