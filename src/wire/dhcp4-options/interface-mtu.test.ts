import { expect, test } from "vitest";
import { interfaceMtu } from "./interface-mtu.ts";
import { readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [5, 220], { value: 1500 }],
  ["smallest", [0, 68], { value: 68 }],
  ["too small", [0, 67], { why: "67 is less than 68" }],
  ["short", [5], { why: "1 bytes, 2 needed" }],
  ["long", [5, 220, 0], { why: "3 bytes, 2 needed" }],
  ["absent", undefined, {}],
])("option 26, interface MTU: %s", (_, bytes, expected) => {
  expect(readOption("interfaceMtu", 26, bytes)).toStrictEqual(expected);
});

test("option 26, interface MTU: emitted", () => {
  expect([...interfaceMtu.emit(9000)]).toEqual([35, 40]);
});
