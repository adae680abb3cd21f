import { expect, test } from "vitest";
import { parseMac } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { emptyMessage } from "../dhcp4-options/read-option.fixture.ts";
import { emitDhcp4 } from "./emit.ts";
import type { Dhcp4Message } from "./message.ts";
import { parseDhcp4 } from "./parse.ts";

const optionsOf = (message: Partial<Dhcp4Message>): number[] => [
  ...emitDhcp4({ ...emptyMessage, ...message }).subarray(240),
];

test("a message is at least 300 bytes long", () => {
  expect(emitDhcp4(emptyMessage)).toHaveLength(300);
  const long = emitDhcp4({ ...emptyMessage, options: { hostName: "a".repeat(100) } });
  expect(long).toHaveLength(240 + 2 + 100 + 1);
});

test("the fixed part, byte by byte", () => {
  const bytes = emitDhcp4({
    ...emptyMessage,
    op: "request",
    xid: 0xdeadbeef,
    secs: 258,
    broadcast: true,
    chaddr: must(parseMac("02:00:00:00:00:09")),
  });
  expect([...bytes.subarray(0, 12)]).toEqual([1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef, 1, 2, 0x80, 0]);
  expect([...bytes.subarray(28, 44)]).toEqual([2, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect([...bytes.subarray(236, 242)]).toEqual([99, 130, 83, 99, 255, 0]);
});

test("the message type comes first, the unknown options last", () => {
  const options = { hostName: "a", messageType: "discover" } as const;
  const unknown = new Map([
    [80, Uint8Array.of()],
    [224, Uint8Array.of(7)],
  ]);
  expect(optionsOf({ options, unknown }).slice(0, 12)).toEqual([53, 1, 1, 12, 1, 97, 80, 0, 224, 1, 7, 255]);
});

test.each([
  [255, [255]],
  [256, [255, 1]],
  [510, [255, 255]],
  [600, [255, 255, 90]],
])("an option of %i bytes goes in parts (RFC 3396)", (length, parts) => {
  const bytes = optionsOf({ options: { vendorSpecific: new Uint8Array(length).fill(9) } });
  const expected = parts.flatMap((part) => [43, part, ...Array.from({ length: part }, () => 9)]);
  expect(bytes.slice(0, expected.length + 1)).toEqual([...expected, 255]);
});

test("an option without bytes is not sent", () => {
  const options = { hostName: "", routers: [], vendorClass: Uint8Array.of() };
  expect(optionsOf({ options })[0]).toBe(255);
});

test("a field that option 52 claims is an empty list", () => {
  const bytes = emitDhcp4({
    ...emptyMessage,
    file: new Uint8Array(128).fill(1),
    sname: new Uint8Array(64).fill(2),
    options: { overload: 1 },
  });
  expect([...bytes.subarray(108, 110)]).toEqual([255, 0]);
  expect(bytes[44]).toBe(2);
  expect(must(parseDhcp4(bytes))).toMatchObject({ options: { overload: 1 }, malformed: [] });
});

test("a short file is filled with zeros", () => {
  const { file } = must(parseDhcp4(emitDhcp4({ ...emptyMessage, file: Uint8Array.of(47) })));
  expect(file).toHaveLength(128);
  expect(file?.[0]).toBe(47);
});

test.each([0, 255])("an unknown option cannot have code %i", (code) => {
  expect(() => optionsOf({ unknown: new Map([[code, Uint8Array.of(1)]]) })).toThrow(RangeError);
});
