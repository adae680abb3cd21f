import { expect, test } from "vitest";
import { emitted, rawOption, readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [1, 2], { value: 258 }],
  ["longest time", [255, 255], { value: 65535 }],
  ["short", [1], { why: "1 bytes, 2 needed" }],
  ["empty", [], { why: "0 bytes, 2 needed" }],
  ["long", [0, 0, 1], { why: "3 bytes, 2 needed" }],
  ["absent", undefined, {}],
])("option 8, elapsed time: %s", (_, bytes, expected) => {
  expect(readOption("elapsed", 8, bytes)).toStrictEqual(expected);
});

test("option 8, elapsed time: emitted", () => {
  expect(emitted({ elapsed: 65535 })).toEqual(rawOption(8, [255, 255]));
});
