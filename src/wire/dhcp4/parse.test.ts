import { expect, test } from "vitest";
import { must } from "../../base/parsed.ts";
import { rawMessage } from "../dhcp4-options/read-option.fixture.ts";
import type { Dhcp4Message } from "./message.ts";
import { parseDhcp4 } from "./parse.ts";

const read = (...args: Parameters<typeof rawMessage>): Dhcp4Message => must(parseDhcp4(rawMessage(...args)));
const field = (size: number, bytes: readonly number[]): Uint8Array => {
  const out = new Uint8Array(size);
  out.set(bytes);
  return out;
};
const file = (...bytes: number[]): Uint8Array => field(128, bytes);
const sname = (...bytes: number[]): Uint8Array => field(64, bytes);
const changed = (offset: number, byte: number): Uint8Array => {
  const bytes = rawMessage([255]);
  bytes[offset] = byte;
  return bytes;
};

test.each([
  ["239 bytes", rawMessage([]).subarray(0, 239), "DHCP: ends after 239 bytes, 240 needed"],
  ["nothing", new Uint8Array(), "DHCP: ends after 0 bytes, 1 needed"],
  ["op 0", changed(0, 0), "DHCP: op 0 is neither 1 nor 2"],
  ["op 3", changed(0, 3), "DHCP: op 3 is neither 1 nor 2"],
  ["hardware type 6", changed(1, 6), "DHCP: hardware type 6 with 6 bytes is not Ethernet"],
  ["hardware length 16", changed(2, 16), "DHCP: hardware type 1 with 16 bytes is not Ethernet"],
  ["another cookie", changed(239, 0x64), "DHCP: no magic cookie"],
])("%s is an error", (_, bytes, error) => {
  expect(parseDhcp4(bytes)).toStrictEqual({ ok: false, error });
});

test("the fixed fields are where RFC 2131 has them", () => {
  const bytes = rawMessage([255]);
  bytes.set([
    1, 1, 6, 3, 0xde, 0xad, 0xbe, 0xef, 1, 2, 0x80, 0, 10, 0, 0, 1, 10, 0, 0, 2, 10, 0, 0, 3, 10, 0, 0, 4,
  ]);
  bytes.set([2, 0, 0, 0, 0, 9, 0xff], 28);
  expect(parseDhcp4(bytes)).toStrictEqual({
    ok: true,
    value: {
      op: "request",
      hops: 3,
      xid: 0xdeadbeef,
      secs: 258,
      broadcast: true,
      ciaddr: "10.0.0.1",
      yiaddr: "10.0.0.2",
      siaddr: "10.0.0.3",
      giaddr: "10.0.0.4",
      chaddr: "02:00:00:00:00:09",
      options: {},
      unknown: new Map(),
      malformed: [],
    },
  });
});

test("no options at all, not even the end, is a message", () => {
  expect(read([])).toMatchObject({ options: {}, malformed: [] });
});

test("pads are skipped, and nothing after the end counts", () => {
  expect(read([0, 0, 53, 1, 5, 0, 255, 51, 4, 0, 0, 0, 9]).options).toStrictEqual({ messageType: "ack" });
});

test("the order of options does not matter, unknown ones are kept", () => {
  const { options, unknown } = read([80, 0, 51, 4, 0, 0, 0, 9, 224, 2, 7, 8, 53, 1, 5, 255]);
  expect(options).toStrictEqual({ leaseTime: 9, messageType: "ack" });
  expect(unknown).toStrictEqual(
    new Map([
      [80, Uint8Array.of()],
      [224, Uint8Array.of(7, 8)],
    ]),
  );
});

test("parts are joined (RFC 3396), of unknown options too", () => {
  const message = read([6, 3, 192, 0, 2, 224, 1, 7, 6, 5, 1, 192, 0, 2, 2, 224, 1, 8, 255]);
  expect(message.options).toStrictEqual({ dnsServers: ["192.0.2.1", "192.0.2.2"] });
  expect(message.unknown).toStrictEqual(new Map([[224, Uint8Array.of(7, 8)]]));
});

test("a malformed option is left out, the others stay", () => {
  expect(read([1, 3, 255, 255, 255, 53, 1, 5, 51, 1, 9, 255])).toMatchObject({
    options: { messageType: "ack" },
    malformed: [
      { code: 1, why: "3 bytes, 4 needed" },
      { code: 51, why: "1 bytes, 4 needed" },
    ],
  });
});

test.each([
  ["inside its bytes", [12, 5, 97, 98], "the list is truncated: 5 bytes announced, 2 left"],
  ["one byte before its end", [12, 2, 97], "the list is truncated: 2 bytes announced, 1 left"],
  ["before its bytes", [12, 5], "the list is truncated: 5 bytes announced, 0 left"],
  ["before its length", [12], "the list is truncated: no length"],
])("a list cut %s keeps what came before", (_, tail, why) => {
  const { options, malformed } = read([53, 1, 5, 3, 4, 192, 0, 2, 1, ...tail]);
  expect(options).toStrictEqual({ messageType: "ack", routers: ["192.0.2.1"] });
  expect(malformed).toStrictEqual([{ code: 12, why }]);
});

test("an option whose last part was cut off is not taken for whole", () => {
  const { options, malformed } = read([53, 1, 5, 6, 4, 192, 0, 2, 1, 6, 4, 192]);
  expect(options).toStrictEqual({ messageType: "ack" });
  expect(malformed).toStrictEqual([{ code: 6, why: "the list is truncated: 4 bytes announced, 1 left" }]);
});

test("file and sname are kept as they are, and absent when all zero", () => {
  const message = read([255], { file: file(47, 98), sname: sname(115) });
  expect(message.file).toStrictEqual(file(47, 98));
  expect(message.sname).toStrictEqual(sname(115));
  expect(read([255], { file: file(), sname: sname() })).not.toHaveProperty("file");
  expect(read([255], { file: file(), sname: sname() })).not.toHaveProperty("sname");
});

test.each([
  [1, { routers: ["192.0.2.1"] }, ["sname"]],
  [2, { dnsServers: ["192.0.2.2"] }, ["file"]],
  [3, { routers: ["192.0.2.1"], dnsServers: ["192.0.2.2"] }, []],
])("overload %i reads the fields it names and keeps the others", (overload, expected, kept) => {
  const fields = { file: file(3, 4, 192, 0, 2, 1, 255), sname: sname(6, 4, 192, 0, 2, 2, 255) };
  const message = read([52, 1, overload, 255], fields);
  expect(message.options).toStrictEqual({ overload, ...expected });
  expect(Object.keys(message).filter((key) => key === "file" || key === "sname")).toStrictEqual(kept);
});

test("parts are joined across the fields: options, then file, then sname", () => {
  const fields = { file: file(12, 2, 99, 100, 255), sname: sname(12, 1, 101, 255) };
  expect(read([12, 2, 97, 98, 52, 1, 3, 255], fields).options.hostName).toBe("abcde");
});

test("an overloaded field that is full needs no end", () => {
  const full = new Uint8Array(64).fill(97);
  full.set([12, 62]);
  expect(read([52, 1, 2, 255], { sname: full })).toMatchObject({
    options: { hostName: "a".repeat(62) },
    malformed: [],
  });
});

test("a list cut inside file does not stop that of sname", () => {
  const cut = file(...Array.from({ length: 126 }, () => 0), 12, 9);
  expect(read([52, 1, 3, 255], { file: cut, sname: sname(53, 1, 5, 255) })).toMatchObject({
    options: { messageType: "ack" },
    malformed: [{ code: 12, why: "the list is truncated: 9 bytes announced, 0 left" }],
  });
});

test("an overload inside an overloaded field changes nothing", () => {
  const message = read([52, 1, 1, 255], { file: file(52, 1, 2, 255), sname: sname(53, 1, 5, 255) });
  expect(message).toMatchObject({ options: { overload: 1 }, malformed: [] });
  expect(message.sname).toStrictEqual(sname(53, 1, 5, 255));
});

test("an overload that makes no sense leaves the fields alone", () => {
  const message = read([52, 1, 4, 255], { file: file(53, 1, 5, 255) });
  expect(message).toMatchObject({ options: {}, malformed: [{ code: 52, why: "4 is not 1, 2 or 3" }] });
  expect(message.file).toStrictEqual(file(53, 1, 5, 255));
});

test("the message shares no memory with the bytes", () => {
  const bytes = rawMessage([43, 2, 7, 8, 224, 1, 9, 255], { file: file(1) });
  const message = must(parseDhcp4(bytes));
  bytes.fill(0xee);
  expect(message.options.vendorSpecific).toStrictEqual(Uint8Array.of(7, 8));
  expect(message.unknown.get(224)).toStrictEqual(Uint8Array.of(9));
  expect(message.file).toStrictEqual(file(1));
});
