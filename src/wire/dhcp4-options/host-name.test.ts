import { expect, test } from "vitest";
import { hostName } from "./host-name.ts";
import { readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [99, 97, 109, 46, 120], { value: "cam.x" }],
  ["ended by NULs", [99, 97, 109, 0, 0], { value: "cam" }],
  ["not ASCII", [99, 0, 228], { value: "c\u0000ä" }],
  ["short", [], { why: "empty" }],
  ["nothing but a NUL", [0], { why: "empty" }],
  ["long, in parts", Array.from({ length: 600 }, () => 97), { value: "a".repeat(600) }],
  ["absent", undefined, {}],
])("option 12, host name: %s", (_, bytes, expected) => {
  expect(readOption("hostName", 12, bytes)).toStrictEqual(expected);
});

test("option 12, host name: emitted", () => {
  expect([...hostName.emit("cäm€")]).toEqual([99, 228, 109, 63]);
});
