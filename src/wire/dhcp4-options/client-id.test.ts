import { expect, test } from "vitest";
import { clientId } from "./client-id.ts";
import { readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [1, 0, 255], { value: Uint8Array.of(1, 0, 255) }],
  ["shortest", [7, 8], { value: Uint8Array.of(7, 8) }],
  ["short", [7], { why: "1 bytes, at least 2 needed" }],
  ["long, in parts", Array.from({ length: 600 }, () => 97), { value: new Uint8Array(600).fill(97) }],
  ["absent", undefined, {}],
])("option 61, client id: %s", (_, bytes, expected) => {
  expect(readOption("clientId", 61, bytes)).toStrictEqual(expected);
});

test("option 61, client id: emitted", () => {
  expect([...clientId.emit(Uint8Array.of(1, 2, 3))]).toEqual([1, 2, 3]);
});
