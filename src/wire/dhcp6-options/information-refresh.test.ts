import { expect, test } from "vitest";
import { emitted, rawOption, readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [0, 1, 81, 128], { value: 86400 }],
  ["infinite", [255, 255, 255, 255], { value: 4294967295 }],
  ["less than the least", [0, 0, 0, 1], { value: 1 }],
  ["short", [1, 81, 128], { why: "3 bytes, 4 needed" }],
  ["empty", [], { why: "0 bytes, 4 needed" }],
  ["long", [0, 0, 1, 81, 128], { why: "5 bytes, 4 needed" }],
  ["absent", undefined, {}],
])("option 32, information refresh time: %s", (_, bytes, expected) => {
  expect(readOption("informationRefresh", 32, bytes)).toStrictEqual(expected);
});

test("option 32, information refresh time: emitted", () => {
  expect(emitted({ informationRefresh: 4294967294 })).toEqual(rawOption(32, [255, 255, 255, 254]));
});
