import { expect, test } from "vitest";
import { emitted, rawOption, readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [255], { value: 255 }],
  ["zero", [0], { value: 0 }],
  ["short", [], { why: "0 bytes, 1 needed" }],
  ["long", [1, 2], { why: "2 bytes, 1 needed" }],
  ["absent", undefined, {}],
])("option 7, preference: %s", (_, bytes, expected) => {
  expect(readOption("preference", 7, bytes)).toStrictEqual(expected);
});

test("option 7, preference: emitted", () => {
  expect(emitted({ preference: 0 })).toEqual(rawOption(7, [0]));
});
