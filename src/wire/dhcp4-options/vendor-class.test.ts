import { expect, test } from "vitest";
import { readOption } from "./read-option.fixture.ts";
import { vendorClass } from "./vendor-class.ts";

test.each([
  ["present", [1, 0, 255], { value: Uint8Array.of(1, 0, 255) }],
  ["shortest", [7], { value: Uint8Array.of(7) }],
  ["short", [], { why: "0 bytes, at least 1 needed" }],
  ["long, in parts", Array.from({ length: 600 }, () => 97), { value: new Uint8Array(600).fill(97) }],
  ["absent", undefined, {}],
])("option 60, vendor class: %s", (_, bytes, expected) => {
  expect(readOption("vendorClass", 60, bytes)).toStrictEqual(expected);
});

test("option 60, vendor class: emitted", () => {
  expect([...vendorClass.emit(Uint8Array.of(1, 2, 3))]).toEqual([1, 2, 3]);
});
