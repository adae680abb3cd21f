import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { expect, test } from "vitest";
import { type Ip4, ip4ToNumber } from "./ip4.ts";
import { type Ip6, ip6FromBytes, ip6ToBytes } from "./ip6.ts";
import { groupsFromText, textFromGroups } from "./ip6-groups.ts";

/** Addresses have many zeros. */
const group = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 0xffff }));
const address = fc.array(group, { minLength: 8, maxLength: 8 });
const numRuns = 20_000;

test("text and bytes are those that ipaddr.js makes", () => {
  const check = (groups: number[]): void => {
    const theirs = new ipaddr.IPv6(groups.flatMap((g) => [g >>> 8, g & 255]));
    const text = theirs.toRFC5952String() as Ip6;
    expect(ip6FromBytes(Uint8Array.from(theirs.toByteArray()))).toBe(text);
    expect([...ip6ToBytes(text)]).toEqual(theirs.toByteArray());
  };
  fc.assert(fc.property(address, check), { numRuns });
});

test("text and groups are inverse", () => {
  const check = (groups: number[]): void => {
    expect(groupsFromText(textFromGroups(groups))).toEqual(groups);
  };
  fc.assert(fc.property(address, check), { numRuns });
});

test.each([
  ["::", [0, 0, 0, 0, 0, 0, 0, 0]],
  ["::1", [0, 0, 0, 0, 0, 0, 0, 1]],
  ["1::", [1, 0, 0, 0, 0, 0, 0, 0]],
  ["fe80::216:3eff:fe10:1", [0xfe80, 0, 0, 0, 0x216, 0x3eff, 0xfe10, 1]],
  // One zero is written out, and of two runs of one length the first is shortened.
  ["2001:db8:0:1:1:1:1:1", [0x2001, 0xdb8, 0, 1, 1, 1, 1, 1]],
  ["2001:db8::1:0:0:1", [0x2001, 0xdb8, 0, 0, 1, 0, 0, 1]],
  ["1:0:0:2::", [1, 0, 0, 2, 0, 0, 0, 0]],
  ["64:ff9b::c000:207", [0x64, 0xff9b, 0, 0, 0, 0, 0xc000, 0x207]],
])("%s", (text, groups) => {
  expect(textFromGroups(groups)).toBe(text);
  expect(groupsFromText(text)).toEqual(groups);
});

test("an IPv4 address as a number", () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const check = (a: number, b: number, c: number, d: number): void => {
    expect(ip4ToNumber(`${a}.${b}.${c}.${d}` as Ip4)).toBe(a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d);
  };
  fc.assert(fc.property(octet, octet, octet, octet, check), { numRuns });
});
