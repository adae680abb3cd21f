import { expect, test } from "vitest";
import { emitted, rawOption, readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [0, 2, 110, 111], { value: { code: 2, text: "no" } }],
  ["no text", [0, 0], { value: { code: 0, text: "" } }],
  ["a code without a name", [255, 255, 195, 164], { value: { code: 65535, text: "ä" } }],
  ["damaged text", [0, 1, 97, 195, 98], { value: { code: 1, text: "a\ufffdb" } }],
  ["short", [2], { why: "1 bytes, at least 2 needed" }],
  ["empty", [], { why: "0 bytes, at least 2 needed" }],
  ["long", [0, 1, ...Array.from({ length: 600 }, () => 97)], { value: { code: 1, text: "a".repeat(600) } }],
  ["absent", undefined, {}],
])("option 13, status code: %s", (_, bytes, expected) => {
  expect(readOption("status", 13, bytes)).toStrictEqual(expected);
});

test("option 13, status code: emitted", () => {
  expect(emitted({ status: { code: 4, text: "ä" } })).toEqual(rawOption(13, [0, 4, 195, 164]));
});
