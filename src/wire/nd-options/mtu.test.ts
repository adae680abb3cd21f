import { expect, test } from "vitest";
import { mtu } from "./mtu.ts";
import { emitted, nonce, readOption, zeros } from "./read-option.fixture.ts";

test.each([
  ["present", [5, 1, 0, 0, 0, 0, 0x05, 0xdc], { value: 1500 }],
  ["the reserved field is passed over", [5, 1, 9, 9, 0, 0, 0x05, 0xdc], { value: 1500 }],
  ["the least", [5, 1, 0, 0, 0, 0, 0x05, 0x00], { value: 1280 }],
  ["too small", [5, 1, 0, 0, 0, 0, 0x04, 0xff], { why: "1279 is less than 1280" }],
  ["long", [5, 2, 0, 0, 0, 0, 0x05, 0xdc, ...zeros(8)], { why: "14 bytes, 6 needed" }],
  ["absent", nonce, {}],
])("option 5, MTU: %s", (_, bytes, expected) => {
  expect(readOption(mtu, bytes)).toStrictEqual(expected);
});

test("option 5, MTU: emitted", () => {
  expect(emitted(mtu, 1500)).toEqual([5, 1, 0, 0, 0, 0, 0x05, 0xdc]);
});
