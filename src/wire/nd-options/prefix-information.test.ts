import { expect, test } from "vitest";
import { parseCidr6 } from "../../base/cidr6.ts";
import { must } from "../../base/parsed.ts";
import { forever, seconds } from "../../base/time.ts";
import { prefixInformation } from "./prefix-information.ts";
import { emitted, nonce, readOption, zeros } from "./read-option.fixture.ts";

const lifetimes = [0, 1, 0x51, 0x80, 0, 0, 0x38, 0x40];
const address = [0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0];
const whole = [3, 4, 64, 0xc0, ...lifetimes, ...zeros(4), ...address, ...zeros(8)];
const information = {
  prefix: must(parseCidr6("2001:db8:1::/64")),
  onLink: true,
  autonomous: true,
  validLifetime: seconds(86400),
  preferredLifetime: seconds(14400),
};

/** The option with `changes` (offset to byte) made. */
const changed = (changes: Readonly<Record<number, number>>): number[] =>
  whole.map((byte, at) => changes[at] ?? byte);

test.each([
  ["present", whole, { value: information }],
  ["off-link", changed({ 3: 0x40 }), { value: { ...information, onLink: false } }],
  ["not for addresses", changed({ 3: 0x80 }), { value: { ...information, autonomous: false } }],
  [
    "for ever",
    changed({ 4: 0xff, 5: 0xff, 6: 0xff, 7: 0xff }),
    { value: { ...information, validLifetime: forever } },
  ],
  ["bits beyond the prefix", changed({ 31: 1 }), { value: information }],
  [
    "of 48 bits",
    changed({ 2: 48 }),
    { value: { ...information, prefix: must(parseCidr6("2001:db8:1::/48")) } },
  ],
  ["of 129 bits", changed({ 2: 129 }), { why: "a prefix length of 129" }],
  ["short", [3, 3, ...whole.slice(2, 24)], { why: "22 bytes, 30 needed" }],
  ["long", [3, 5, ...whole.slice(2), ...zeros(8)], { why: "38 bytes, 30 needed" }],
  ["absent", nonce, {}],
])("option 3, prefix information: %s", (_, bytes, expected) => {
  expect(readOption(prefixInformation, bytes)).toStrictEqual(expected);
});

test("option 3, prefix information: emitted", () => {
  expect(emitted(prefixInformation, information)).toEqual(whole);
  const neither = { ...information, onLink: false, autonomous: false, validLifetime: forever };
  expect(emitted(prefixInformation, neither)).toEqual(changed({ 3: 0, 4: 0xff, 5: 0xff, 6: 0xff, 7: 0xff }));
});
