import { expect, test } from "vitest";
import { parseIp6 } from "../../base/ip6.ts";
import { must } from "../../base/parsed.ts";
import { parseDhcp6 } from "../dhcp6/parse.ts";
import { emitted, rawMessage, rawOption, readOption } from "./read-option.fixture.ts";

const ia = (iaid: number, ...inside: number[]): number[] => [
  0,
  0,
  0,
  iaid,
  0,
  0,
  3,
  132,
  0,
  0,
  5,
  160,
  ...inside,
];
const timers = { t1: 900, t2: 1440 };
const address = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 7, 8, 0, 0, 14, 16];
const leased = { address: must(parseIp6("2001:db8::1000")), preferred: 1800, valid: 3600 };

test.each([
  ["present", ia(7, ...rawOption(5, address)), { value: [{ iaid: 7, ...timers, addresses: [leased] }] }],
  [
    "two addresses",
    ia(7, ...rawOption(5, address), ...rawOption(5, address)),
    { value: [{ iaid: 7, ...timers, addresses: [leased, leased] }] },
  ],
  ["no address", ia(7), { value: [{ iaid: 7, ...timers, addresses: [] }] }],
  [
    "a status",
    ia(7, ...rawOption(13, [0, 2, 110, 111])),
    { value: [{ iaid: 7, ...timers, addresses: [], status: { code: 2, text: "no" } }] },
  ],
  [
    "T1 after T2",
    [255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 1],
    { value: [{ iaid: 4294967295, t1: 4294967295, t2: 1, addresses: [] }] },
  ],
  [
    "an option that has no meaning inside",
    ia(7, ...rawOption(23, [1])),
    { value: [{ iaid: 7, ...timers, addresses: [], unknown: [{ code: 23, data: Uint8Array.of(1) }] }] },
  ],
  ["short", ia(7).slice(1), { why: "11 bytes, at least 12 needed" }],
  ["empty", [], { why: "0 bytes, at least 12 needed" }],
  ["absent", undefined, {}],
])("option 3, IA_NA: %s", (_, bytes, expected) => {
  expect(readOption("iaNa", 3, bytes)).toStrictEqual(expected);
});

test.each([
  ["a short address", rawOption(5, address.slice(1)), 5, "23 bytes, at least 24 needed"],
  ["a short status", rawOption(13, [1]), 13, "1 bytes, at least 2 needed"],
  [
    "an option cut off",
    rawOption(5, address).slice(0, -1),
    5,
    "the list is truncated: 24 bytes announced, 23 left",
  ],
  ["a byte too much", [0], 0, "the list is truncated: no code and length"],
  [
    "something wrong with an address",
    rawOption(5, [...address, ...rawOption(13, [1])]),
    13,
    "at 2001:db8::1000: 1 bytes, at least 2 needed",
  ],
])("option 3, IA_NA: %s is told with its place, and the rest kept", (_, wrong, code, why) => {
  const bytes = rawOption(3, ia(7, ...rawOption(5, address), ...wrong));
  const { options, malformed } = must(parseDhcp6(rawMessage(bytes)));
  expect(options.iaNa?.[0]?.addresses[0]).toStrictEqual(leased);
  expect(malformed).toStrictEqual([{ code, why: `in IA 7: ${why}` }]);
});

test("option 3, IA_NA: a second status inside does not count", () => {
  const bytes = rawOption(3, ia(7, ...rawOption(13, [0, 2]), ...rawOption(13, [0, 3])));
  const { options, malformed } = must(parseDhcp6(rawMessage(bytes)));
  expect(options.iaNa?.[0]?.status).toStrictEqual({ code: 2, text: "" });
  expect(malformed).toStrictEqual([{ code: 13, why: "in IA 7: stands again, and only the first counts" }]);
});

test("option 3, IA_NA: several in a message, in their order, with one IAID too", () => {
  const bytes = [2, 1, 2].flatMap((iaid) => rawOption(3, ia(iaid)));
  expect(must(parseDhcp6(rawMessage(bytes))).options.iaNa?.map(({ iaid }) => iaid)).toEqual([2, 1, 2]);
});

test("option 3, IA_NA: emitted", () => {
  const unknown = [{ code: 258, data: Uint8Array.of(9) }];
  const bytes = ia(7, ...rawOption(5, address), ...rawOption(13, [0, 1, 97]), ...rawOption(258, [9]));
  const sent = { iaid: 7, ...timers, addresses: [leased], status: { code: 1, text: "a" }, unknown };
  expect(emitted({ iaNa: [sent, { ...sent, iaid: 8 }] })).toEqual([
    ...rawOption(3, bytes),
    ...rawOption(3, [0, 0, 0, 8, ...bytes.slice(4)]),
  ]);
  expect(emitted({ iaNa: [] })).toEqual([]);
});
