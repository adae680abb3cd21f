import { expect, test } from "vitest";
import { parseMac } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { sourceLinkAddress, targetLinkAddress } from "./link-address.ts";
import { emitted, nonce, readOption, zeros } from "./read-option.fixture.ts";

const octets = [2, 0, 0, 0, 0, 10];
const mac = must(parseMac("02:00:00:00:00:0a"));

/** Shorter than one unit there is none. */
test.each([
  ["present", [1, 1, ...octets], { value: mac }],
  ["long: EUI-64", [1, 2, ...octets, ...zeros(8)], { why: "14 bytes, 6 needed" }],
  ["a group", [1, 1, 0x33, 0x33, 0, 0, 0, 1], { why: "33:33:00:00:00:01 is a group" }],
  ["absent", nonce, {}],
])("option 1, source link-layer address: %s", (_, bytes, expected) => {
  expect(readOption(sourceLinkAddress, bytes)).toStrictEqual(expected);
});

test("option 2, target link-layer address, has the same shape", () => {
  expect(readOption(targetLinkAddress, [2, 1, ...octets])).toStrictEqual({ value: mac });
  expect(readOption(targetLinkAddress, [1, 1, ...octets])).toStrictEqual({});
});

test("options 1 and 2, link-layer addresses: emitted", () => {
  expect(emitted(sourceLinkAddress, mac)).toEqual([1, 1, ...octets]);
  expect(emitted(targetLinkAddress, mac)).toEqual([2, 1, ...octets]);
});
