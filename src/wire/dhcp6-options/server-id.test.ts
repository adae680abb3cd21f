import { expect, test } from "vitest";
import { emitted, rawOption, readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [0, 3, 0, 1, 2, 0, 94, 16, 0, 1], { value: Uint8Array.of(0, 3, 0, 1, 2, 0, 94, 16, 0, 1) }],
  ["shortest", [0, 4, 9], { value: Uint8Array.of(0, 4, 9) }],
  ["short", [0, 4], { why: "2 bytes, at least 3 needed" }],
  ["empty", [], { why: "0 bytes, at least 3 needed" }],
  ["longest", Array.from({ length: 130 }, () => 7), { value: new Uint8Array(130).fill(7) }],
  ["long", Array.from({ length: 131 }, () => 7), { why: "131 bytes, at most 130 allowed" }],
  ["absent", undefined, {}],
])("option 2, server's DUID: %s", (_, bytes, expected) => {
  expect(readOption("serverId", 2, bytes)).toStrictEqual(expected);
});

test("option 2, server's DUID: emitted", () => {
  expect(emitted({ serverId: Uint8Array.of(0, 3, 0, 1, 9) })).toEqual(rawOption(2, [0, 3, 0, 1, 9]));
});
