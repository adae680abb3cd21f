import { expect, test } from "vitest";
import { emitted, rawOption, readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [0, 0, 1, 55, 0, 1, 97], { value: Uint8Array.of(0, 0, 1, 55, 0, 1, 97) }],
  ["shortest", [0, 0, 1, 55], { value: Uint8Array.of(0, 0, 1, 55) }],
  ["short", [0, 0, 1], { why: "3 bytes, at least 4 needed" }],
  ["empty", [], { why: "0 bytes, at least 4 needed" }],
  ["long", Array.from({ length: 600 }, () => 97), { value: new Uint8Array(600).fill(97) }],
  ["absent", undefined, {}],
])("option 16, vendor class: %s", (_, bytes, expected) => {
  expect(readOption("vendorClass", 16, bytes)).toStrictEqual(expected);
});

test("option 16, vendor class: emitted", () => {
  expect(emitted({ vendorClass: Uint8Array.of(0, 0, 1, 55) })).toEqual(rawOption(16, [0, 0, 1, 55]));
});
