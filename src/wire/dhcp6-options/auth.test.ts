import { expect, test } from "vitest";
import { emitted, rawOption, readOption } from "./read-option.fixture.ts";

test.each([
  [
    "present",
    [3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 9, 1],
    { value: Uint8Array.of(3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 9, 1) },
  ],
  ["shortest", Array.from({ length: 11 }, () => 1), { value: new Uint8Array(11).fill(1) }],
  ["short", Array.from({ length: 10 }, () => 1), { why: "10 bytes, at least 11 needed" }],
  ["empty", [], { why: "0 bytes, at least 11 needed" }],
  ["long", Array.from({ length: 600 }, () => 1), { value: new Uint8Array(600).fill(1) }],
  ["absent", undefined, {}],
])("option 11, authentication: %s", (_, bytes, expected) => {
  expect(readOption("auth", 11, bytes)).toStrictEqual(expected);
});

test("option 11, authentication: emitted", () => {
  expect(emitted({ auth: new Uint8Array(11).fill(3) })).toEqual(rawOption(11, new Uint8Array(11).fill(3)));
});
