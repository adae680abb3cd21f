import { expect, test } from "vitest";
import { maxMessageSize } from "./max-message-size.ts";
import { readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [5, 220], { value: 1500 }],
  ["smallest", [2, 64], { value: 576 }],
  ["too small", [2, 63], { why: "575 is less than 576" }],
  ["short", [5], { why: "1 bytes, 2 needed" }],
  ["long", [5, 220, 0], { why: "3 bytes, 2 needed" }],
  ["absent", undefined, {}],
])("option 57, maximum message size: %s", (_, bytes, expected) => {
  expect(readOption("maxMessageSize", 57, bytes)).toStrictEqual(expected);
});

test("option 57, maximum message size: emitted", () => {
  expect([...maxMessageSize.emit(576)]).toEqual([2, 64]);
});
