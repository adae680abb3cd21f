import { expect, test } from "vitest";
import { anywhere6, parseCidr6 } from "../../base/cidr6.ts";
import { must } from "../../base/parsed.ts";
import { seconds } from "../../base/time.ts";
import { emitted, nonce, readOption, zeros } from "./read-option.fixture.ts";
import { routeInformation } from "./route-information.ts";

const lifetime = seconds(1800);
const upper = [0x20, 0x01, 0x0d, 0xb8, 0, 9, 0, 0];
const head = (units: number, length: number, flags = 0): number[] => [24, units, length, flags, 0, 0, 7, 8];
const route = (prefix: string, preference: "high" | "medium" | "low" = "medium") => ({
  prefix: must(parseCidr6(prefix)),
  preference,
  lifetime,
});

test.each([
  ["present", [...head(2, 48), ...upper], { value: route("2001:db8:9::/48") }],
  ["preferred", [...head(2, 48, 0x08), ...upper], { value: route("2001:db8:9::/48", "high") }],
  ["last choice", [...head(2, 48, 0x18), ...upper], { value: route("2001:db8:9::/48", "low") }],
  ["the reserved preference", [...head(2, 48, 0x10), ...upper], { why: "the reserved preference" }],
  ["default", head(1, 0), { value: { ...route("::/0"), prefix: anywhere6 } }],
  ["default, at length", [...head(3, 0), ...zeros(16)], { value: { ...route("::/0"), prefix: anywhere6 } }],
  ["a host", [...head(3, 128), ...upper, ...zeros(7), 1], { value: route("2001:db8:9::1/128") }],
  ["64 bits, at length", [...head(3, 64), ...upper, ...zeros(8)], { value: route("2001:db8:9::/64") }],
  ["bits beyond the prefix", [...head(2, 32), ...upper], { value: route("2001:db8::/32") }],
  ["short for 48 bits", head(1, 48), { why: "0 octets for a prefix of 48 bits" }],
  ["short for 65 bits", [...head(2, 65), ...upper], { why: "8 octets for a prefix of 65 bits" }],
  ["long", [...head(4, 48), ...upper, ...zeros(16)], { why: "24 octets for a prefix of 48 bits" }],
  ["of 129 bits", [...head(3, 129), ...upper, ...zeros(8)], { why: "a prefix length of 129" }],
  ["absent", nonce, {}],
])("option 24, route information: %s", (_, bytes, expected) => {
  expect(readOption(routeInformation, bytes)).toStrictEqual(expected);
});

test.each([
  ["::/0", head(1, 0)],
  ["2001:db8:9::/48", [...head(2, 48), ...upper]],
  ["2001:db8:9::/64", [...head(2, 64), ...upper]],
  ["2001:db8:9::/65", [...head(3, 65), ...upper, ...zeros(8)]],
])("option 24, route information, for %s: emitted", (prefix, bytes) => {
  expect(emitted(routeInformation, route(prefix))).toEqual(bytes);
});

test("option 24, route information: preferences emitted", () => {
  const flags = (["high", "medium", "low"] as const).map(
    (p) => emitted(routeInformation, route("::/0", p))[3],
  );
  expect(flags).toEqual([0x08, 0x00, 0x18]);
});
