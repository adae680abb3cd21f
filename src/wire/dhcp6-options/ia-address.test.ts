import { expect, test } from "vitest";
import { parseIp6 } from "../../base/ip6.ts";
import { must, type Parsed } from "../../base/parsed.ts";
import type { IaAddress } from "../dhcp6/message.ts";
import type { Malformed } from "../dhcp6/option-list.ts";
import { parseDhcp6 } from "../dhcp6/parse.ts";
import { iaAddress } from "./ia-address.ts";
import { rawMessage, rawOption } from "./read-option.fixture.ts";

const octets = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0];
const bytes = [...octets, 0, 0, 7, 8, 0, 0, 14, 16];
const address = must(parseIp6("2001:db8::1000"));
const leased = { address, preferred: 1800, valid: 3600 };

function read(data: readonly number[]): { parsed: Parsed<readonly IaAddress[]>; malformed: Malformed[] } {
  const malformed: Malformed[] = [];
  return { parsed: iaAddress.parse(Uint8Array.from(data), undefined, malformed), malformed };
}

test.each([
  ["present", bytes, leased],
  [
    "preferred longer than valid",
    [...octets, 255, 255, 255, 255, 0, 0, 0, 0],
    { address, preferred: 4294967295, valid: 0 },
  ],
  ["with a status", [...bytes, ...rawOption(13, [0, 0])], { ...leased, status: { code: 0, text: "" } }],
  [
    "with an option that has no meaning inside",
    [...bytes, ...rawOption(5, bytes)],
    { ...leased, unknown: [{ code: 5, data: Uint8Array.from(bytes) }] },
  ],
])("option 5, IA address: %s", (_, data, value) => {
  expect(read(data)).toStrictEqual({ parsed: { ok: true, value: [value] }, malformed: [] });
  expect(iaAddress.emit([value])).toEqual([Uint8Array.from(data)]);
});

test.each([
  ["short", bytes.slice(1), "23 bytes, at least 24 needed"],
  ["empty", [], "0 bytes, at least 24 needed"],
])("option 5, IA address: %s", (_, data, error) => {
  expect(read(data)).toStrictEqual({ parsed: { ok: false, error }, malformed: [] });
});

test("option 5, IA address: long", () => {
  expect(read([...bytes, 0, 13, 0])).toStrictEqual({
    parsed: { ok: true, value: [leased] },
    malformed: [{ code: 13, why: `at ${address}: the list is truncated: no code and length` }],
  });
});

test("option 5, IA address: absent", () => {
  expect(iaAddress.emit([])).toEqual([]);
});

test("option 5, IA address: outside an IA it means nothing", () => {
  expect(must(parseDhcp6(rawMessage(rawOption(5, bytes))))).toMatchObject({
    options: {},
    unknown: [{ code: 5, data: Uint8Array.from(bytes) }],
  });
});
