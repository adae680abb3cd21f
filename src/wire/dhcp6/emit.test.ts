import { expect, test } from "vitest";
import { emptyMessage, rawOption } from "../dhcp6-options/read-option.fixture.ts";
import { emitDhcp6 } from "./emit.ts";
import type { Dhcp6Message } from "./message.ts";

const emit = (message: Partial<Dhcp6Message>): number[] => [...emitDhcp6({ ...emptyMessage, ...message })];

test("type and transaction, then the options", () => {
  expect(emit({ type: "information-request", xid: 0xfedcba, options: { elapsed: 258 } })).toEqual([
    11, 0xfe, 0xdc, 0xba, 0, 8, 0, 2, 1, 2,
  ]);
});

test("an empty message is four bytes long", () => {
  expect(emit({ type: "solicit", xid: 1 })).toEqual([1, 0, 0, 1]);
});

test("the DUIDs come first, the unknown options last, in their order", () => {
  const unknown = [
    { code: 25, data: Uint8Array.of(7) },
    { code: 17, data: Uint8Array.of() },
    { code: 25, data: Uint8Array.of(8) },
  ];
  const options = { preference: 9, serverId: Uint8Array.of(0, 4, 2), clientId: Uint8Array.of(0, 4, 1) };
  expect(emit({ options, unknown }).slice(4)).toEqual(
    [
      rawOption(1, [0, 4, 1]),
      rawOption(2, [0, 4, 2]),
      rawOption(7, [9]),
      rawOption(25, [7]),
      rawOption(17, []),
      rawOption(25, [8]),
    ].flat(),
  );
});

test("empty lists and no bytes are not sent, rapid commit is", () => {
  const options = {
    dnsServers: [],
    iaNa: [],
    ntpServers: [],
    vendorClass: Uint8Array.of(),
    rapidCommit: true,
  } as const;
  expect(emit({ options }).slice(4)).toEqual([0, 14, 0, 0]);
});

test("what was malformed is not sent", () => {
  expect(emit({ malformed: [{ code: 7, why: "0 bytes, 1 needed" }] })).toHaveLength(4);
});

test.each([
  ["a code too large", { code: 65536, data: Uint8Array.of() }],
  ["a code below zero", { code: -1, data: Uint8Array.of() }],
  ["too many bytes", { code: 25, data: new Uint8Array(65536) }],
])("%s cannot be sent", (_, option) => {
  expect(() => emit({ unknown: [option] })).toThrow(RangeError);
});

test("the longest option can be sent", () => {
  expect(emit({ unknown: [{ code: 65535, data: new Uint8Array(65535) }] })).toHaveLength(4 + 4 + 65535);
});
