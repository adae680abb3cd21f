import { expect, test } from "vitest";
import { parseIp6 } from "../../base/ip6.ts";
import { must } from "../../base/parsed.ts";
import { parseDhcp6 } from "../dhcp6/parse.ts";
import { emitted, rawMessage, rawOption, readOption } from "./read-option.fixture.ts";

const server = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53];
const other = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

test.each([
  ["present", rawOption(1, server), { value: ["2001:db8::53"] }],
  [
    "two at once, as from dnsmasq",
    [...rawOption(1, server), ...rawOption(1, other)],
    { value: ["2001:db8::53", "fe80::1"] },
  ],
  [
    "beside a group and a name",
    [...rawOption(2, other), ...rawOption(1, server), ...rawOption(3, [1, 97, 0])],
    { value: ["2001:db8::53"] },
  ],
  ["a name only", rawOption(3, [1, 97, 0]), { why: "no server's address" }],
  ["empty", [], { why: "no server's address" }],
  ["short: the address", rawOption(1, server.slice(1)), { why: "15 bytes, 16 needed" }],
  [
    "short: cut",
    rawOption(1, server).slice(0, -1),
    { why: "the list is truncated: 16 bytes announced, 15 left" },
  ],
  ["long: the address", rawOption(1, [...server, 0]), { why: "17 bytes, 16 needed" }],
  ["long: cut", [...rawOption(1, server), 0], { why: "the list is truncated: no code and length" }],
  ["absent", undefined, {}],
])("option 56, NTP servers: %s", (_, bytes, expected) => {
  expect(readOption("ntpServers", 56, bytes)).toStrictEqual(expected);
});

const [first, second] = [must(parseIp6("2001:db8::53")), must(parseIp6("fe80::1"))];

test("option 56, NTP servers: one for each server", () => {
  const bytes = [...rawOption(56, rawOption(1, server)), ...rawOption(56, rawOption(1, other))];
  expect(emitted({ ntpServers: [first, second] })).toEqual(bytes);
  const { options, malformed } = must(parseDhcp6(rawMessage(bytes)));
  expect(options).toStrictEqual({ ntpServers: [first, second] });
  expect(malformed).toStrictEqual([]);
});
