import { expect, test } from "vitest";
import { message } from "./message.ts";
import { readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [99, 97, 109, 46, 120], { value: "cam.x" }],
  ["ended by NULs", [99, 97, 109, 0, 0], { value: "cam" }],
  ["not ASCII", [99, 0, 228], { value: "c\u0000ä" }],
  ["short", [], { why: "empty" }],
  ["nothing but a NUL", [0], { why: "empty" }],
  ["long, in parts", Array.from({ length: 600 }, () => 97), { value: "a".repeat(600) }],
  ["absent", undefined, {}],
])("option 56, message: %s", (_, bytes, expected) => {
  expect(readOption("message", 56, bytes)).toStrictEqual(expected);
});

test("option 56, message: emitted", () => {
  expect([...message.emit("cäm€")]).toEqual([99, 228, 109, 63]);
});
