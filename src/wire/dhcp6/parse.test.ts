import { expect, test } from "vitest";
import { must } from "../../base/parsed.ts";
import { emptyMessage, rawMessage, rawOption } from "../dhcp6-options/read-option.fixture.ts";
import { type Dhcp6Message, messageTypes6 } from "./message.ts";
import { parseDhcp6 } from "./parse.ts";

const read = (options: readonly number[]): Dhcp6Message => must(parseDhcp6(rawMessage(options)));

test.each([
  ["nothing", [], "DHCPv6: ends after 0 bytes, 1 needed"],
  ["3 bytes", [7, 0, 0], "DHCPv6: ends after 3 bytes, 4 needed"],
  ["type 0", [0, 0, 0, 0], "DHCPv6: message type 0"],
  ["a relay message", [12, 0, 0, 0], "DHCPv6: message type 12"],
])("%s is an error", (_, bytes, error) => {
  expect(parseDhcp6(Uint8Array.from(bytes))).toStrictEqual({ ok: false, error });
});

test.each(Object.entries(messageTypes6))("%s is type %i", (type, number) => {
  expect(parseDhcp6(Uint8Array.of(number, 0xfe, 0xdc, 0xba))).toStrictEqual({
    ok: true,
    value: { ...emptyMessage, type, xid: 0xfedcba },
  });
});

test("the order of options does not matter, that of unknown ones is kept, of the same code too", () => {
  const bytes = [
    rawOption(25, [9]),
    rawOption(7, [1]),
    rawOption(17, []),
    rawOption(14, []),
    rawOption(25, [8, 7]),
  ];
  expect(read(bytes.flat())).toStrictEqual({
    ...emptyMessage,
    options: { preference: 1, rapidCommit: true },
    unknown: [
      { code: 25, data: Uint8Array.of(9) },
      { code: 17, data: Uint8Array.of() },
      { code: 25, data: Uint8Array.of(8, 7) },
    ],
  });
});

test("a malformed option is left out, the others stay", () => {
  const bytes = [rawOption(1, [0, 3]), rawOption(7, [1]), rawOption(8, [])];
  expect(read(bytes.flat())).toMatchObject({
    options: { preference: 1 },
    malformed: [
      { code: 1, why: "2 bytes, at least 3 needed" },
      { code: 8, why: "0 bytes, 2 needed" },
    ],
  });
});

test("of an option that stands twice the first counts, unless it is malformed", () => {
  const twice = "stands again, and only the first counts";
  expect(read([...rawOption(7, [1]), ...rawOption(7, [2])])).toMatchObject({
    options: { preference: 1 },
    malformed: [{ code: 7, why: twice }],
  });
  expect(read([...rawOption(14, []), ...rawOption(14, [])])).toMatchObject({
    options: { rapidCommit: true },
    malformed: [{ code: 14, why: twice }],
  });
  expect(read([...rawOption(7, []), ...rawOption(7, [2])])).toMatchObject({
    options: { preference: 2 },
    malformed: [{ code: 7, why: "0 bytes, 1 needed" }],
  });
});

test.each([
  ["inside its bytes", [0, 23, 0, 16, 1, 2], 23, "16 bytes announced, 2 left"],
  ["one byte before its end", [0, 13, 0, 2, 0], 13, "2 bytes announced, 1 left"],
  ["before its bytes", [0, 13, 0, 2], 13, "2 bytes announced, 0 left"],
  ["inside its length", [0, 13, 0], 13, "no code and length"],
  ["before its length", [0, 13], 13, "no code and length"],
  ["inside its code", [1], 256, "no code and length"],
])("a list cut %s keeps what came before", (_, tail, code, why) => {
  const { options, malformed } = read([...rawOption(7, [1]), ...tail]);
  expect(options).toStrictEqual({ preference: 1 });
  expect(malformed).toStrictEqual([{ code, why: `the list is truncated: ${why}` }]);
});

test("the message shares no memory with the bytes", () => {
  const inside = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, ...rawOption(99, [5])];
  const bytes = rawMessage([...rawOption(1, [0, 4, 9]), ...rawOption(25, [8]), ...rawOption(3, inside)]);
  const message = must(parseDhcp6(bytes));
  bytes.fill(0xee);
  expect(message.options.clientId).toStrictEqual(Uint8Array.of(0, 4, 9));
  expect(message.unknown).toStrictEqual([{ code: 25, data: Uint8Array.of(8) }]);
  expect(message.options.iaNa?.[0]?.unknown).toStrictEqual([{ code: 99, data: Uint8Array.of(5) }]);
});
