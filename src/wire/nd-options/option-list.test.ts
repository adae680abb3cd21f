import { expect, test } from "vitest";
import { mtu } from "./mtu.ts";
import { readAll, splitOptions } from "./option-list.ts";
import { nonce } from "./read-option.fixture.ts";

const mtuOption = (value: number): number[] => [5, 1, 0, 0, 0, 0, value >> 8, value & 0xff];

test("options are split, and read by type in their order; the odd one out is left out", () => {
  const bytes = [...mtuOption(1400), ...nonce, ...mtuOption(1000), ...mtuOption(1500)];
  const options = splitOptions(Uint8Array.from(bytes));
  expect(options).toMatchObject({ ok: true, value: [{ type: 5 }, { type: 14 }, { type: 5 }, { type: 5 }] });
  expect(options.ok && readAll(options.value, mtu)).toEqual([1400, 1500]);
});

test.each([
  ["none", [], { ok: true, value: [] }],
  ["a length of 0", [...nonce, 5, 0, 0, 0, 0, 0, 0, 0], { ok: false, error: "option 5 has the length 0" }],
  [
    "a length past the end",
    [...nonce, 5, 2, ...nonce.slice(2)],
    { ok: false, error: "option 5 is cut short" },
  ],
  ["a type alone", [...nonce, 5], { ok: false, error: "option 5 is cut short" }],
])("%s", (_, bytes, expected) => {
  expect(splitOptions(Uint8Array.from(bytes))).toStrictEqual(expected);
});
