import { expect, test } from "vitest";
import { parseIp6 } from "../../base/ip6.ts";
import { must } from "../../base/parsed.ts";
import { emitted, rawOption, readOption } from "./read-option.fixture.ts";

const server = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53];
const other = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

test.each([
  ["present", server, { value: ["2001:db8::53"] }],
  ["two", [...server, ...other], { value: ["2001:db8::53", "fe80::1"] }],
  ["short", server.slice(1), { why: "15 bytes, a multiple of 16 needed" }],
  ["empty", [], { why: "0 bytes, a multiple of 16 needed" }],
  ["long", [...server, 0], { why: "17 bytes, a multiple of 16 needed" }],
  ["absent", undefined, {}],
])("option 23, DNS servers: %s", (_, bytes, expected) => {
  expect(readOption("dnsServers", 23, bytes)).toStrictEqual(expected);
});

test("option 23, DNS servers: emitted", () => {
  expect(emitted({ dnsServers: [must(parseIp6("2001:db8::53")), must(parseIp6("fe80::1"))] })).toEqual(
    rawOption(23, [...server, ...other]),
  );
  expect(emitted({ dnsServers: [] })).toEqual([]);
});
