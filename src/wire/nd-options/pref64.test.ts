import { expect, test } from "vitest";
import { parseCidr6 } from "../../base/cidr6.ts";
import { must } from "../../base/parsed.ts";
import { forever, seconds } from "../../base/time.ts";
import { pref64 } from "./pref64.ts";
import { emitted, nonce, readOption, zeros } from "./read-option.fixture.ts";

const prefix96 = [0, 0x64, 0xff, 0x9b, ...zeros(8)];
const prefix32 = [0x20, 0x01, 0x0d, 0xb8, ...zeros(8)];
/** 600 s are 75 units. */
const head = (code: number): number[] => [38, 2, 0x02, 0x58 | code];
const lifetime = seconds(600);
const nat64 = (prefix: string) => ({ lifetime, prefix: must(parseCidr6(prefix)) });

test.each([
  ["present", [...head(0), ...prefix96], { value: nat64("64:ff9b::/96") }],
  ["of 64 bits", [...head(1), ...prefix32], { value: nat64("2001:db8::/64") }],
  ["of 56 bits", [...head(2), ...prefix32], { value: nat64("2001:db8::/56") }],
  ["of 48 bits", [...head(3), ...prefix32], { value: nat64("2001:db8::/48") }],
  ["of 40 bits", [...head(4), ...prefix32], { value: nat64("2001:db8::/40") }],
  ["of 32 bits", [...head(5), ...prefix32], { value: nat64("2001:db8::/32") }],
  ["a reserved length", [...head(6), ...prefix32], { why: "a reserved prefix length" }],
  ["the other reserved length", [...head(7), ...prefix32], { why: "a reserved prefix length" }],
  ["bits beyond the prefix", [...head(5), ...prefix32.slice(0, 11), 1], { value: nat64("2001:db8::/32") }],
  ["withdrawn", [38, 2, 0, 0, ...prefix96], { value: { ...nat64("64:ff9b::/96"), lifetime: seconds(0) } }],
  ["short", [38, 1, ...head(0).slice(2), 0, 0x64, 0xff, 0x9b], { why: "6 bytes, 14 needed" }],
  ["long", [38, 3, ...head(0).slice(2), ...prefix96, ...zeros(8)], { why: "22 bytes, 14 needed" }],
  ["absent", nonce, {}],
])("option 38, NAT64 prefix: %s", (_, bytes, expected) => {
  expect(readOption(pref64, bytes)).toStrictEqual(expected);
});

test.each([
  ["64:ff9b::/96", 600, [...head(0), ...prefix96]],
  ["2001:db8::/32", 600, [...head(5), ...prefix32]],
  ["2001:db8::/32", 593, [...head(5), ...prefix32]],
  ["2001:db8::/32", 65536, [38, 2, 0xff, 0xfd, ...prefix32]],
  ["2001:db8::/32", forever, [38, 2, 0xff, 0xfd, ...prefix32]],
])("option 38, NAT64 prefix, %s for %d s: emitted", (prefix, span, bytes) => {
  expect(emitted(pref64, { ...nat64(prefix), lifetime: seconds(span) })).toEqual(bytes);
});

test("option 38, NAT64 prefix: one of another length cannot be emitted", () => {
  expect(() => emitted(pref64, nat64("2001:db8::/72"))).toThrow(RangeError);
});
