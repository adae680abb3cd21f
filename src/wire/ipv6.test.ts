import { expect, test } from "vitest";
import { parseIp6 } from "../base/ip6.ts";
import { must } from "../base/parsed.ts";
import { emitIpv6, parseIpv6 } from "./ipv6.ts";

const packet = {
  source: must(parseIp6("fe80::1")),
  destination: must(parseIp6("ff02::1:2")),
  nextHeader: 17,
  hopLimit: 64,
  payload: Uint8Array.of(1, 2, 3),
};

/** The packet with `changes` (offset to byte) made. */
function changed(changes: Readonly<Record<number, number>>): Uint8Array {
  const bytes = emitIpv6(packet);
  for (const [offset, byte] of Object.entries(changes)) bytes[Number(offset)] = byte;
  return bytes;
}

/** A packet whose payload starts with extension headers. */
const extended = (first: number, ...headers: readonly (readonly number[])[]): Uint8Array =>
  emitIpv6({ ...packet, nextHeader: first, payload: Uint8Array.from([...headers.flat(), 1, 2, 3]) });

/** Options with `units` more than the first 8 octets: what comes next, length, padding (RFC 8200 section 4.2). */
const options = (next: number, units = 0): number[] => [
  next,
  units,
  1,
  4 + units * 8,
  ...new Array<number>(4 + units * 8).fill(0),
];

test("bytes on the wire", () => {
  const source = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  const destination = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2];
  const header = [0x60, 0, 0, 0, 0, 3, 17, 64, ...source, ...destination];
  expect([...emitIpv6(packet)]).toEqual([...header, 1, 2, 3]);
});

test("padding behind the packet is cut off, traffic class and flow label are passed over", () => {
  const bytes = Uint8Array.from([...changed({ 0: 0x6b, 1: 0xcd, 2: 0xef, 3: 0x01 }), 9, 9, 9, 9]);
  expect(parseIpv6(bytes)).toStrictEqual({ ok: true, value: packet });
});

test.each([
  ["hop-by-hop", extended(0, options(17))],
  ["destination", extended(60, options(17))],
  ["of 24 bytes", extended(60, options(17, 2))],
  ["hop-by-hop, then destination", extended(0, options(60), options(17, 1))],
  ["destination twice", extended(60, options(60), options(17))],
])("options are skipped: %s", (_, bytes) => {
  expect(parseIpv6(bytes)).toStrictEqual({ ok: true, value: packet });
});

test.each([43, 50, 51, 59])("header %i is left to the caller", (nextHeader) => {
  expect(parseIpv6(extended(nextHeader))).toStrictEqual({ ok: true, value: { ...packet, nextHeader } });
});

test.each([
  ["a short header", emitIpv6(packet).subarray(0, 39), "IPv6: ends after 39 bytes, 40 needed"],
  ["version 4", changed({ 0: 0x45 }), "IPv6: version 4"],
  ["a payload too long", changed({ 5: 4 }), "IPv6: payload of 4, 3 bytes there"],
  ["a fragment", extended(44, [17, 0, 0, 0, 0, 0, 0, 0]), "IPv6: a fragment"],
  ["a fragment behind options", extended(60, options(44)), "IPv6: a fragment"],
  ["hop-by-hop twice", extended(0, options(0), options(17)), "IPv6: hop-by-hop options are not first"],
  ["options of one byte", changed({ 6: 0, 5: 1 }), "IPv6: ends inside its options"],
  ["options longer than all", extended(0, [17, 1, 1, 4, 0, 0, 0, 0]), "IPv6: ends inside its options"],
])("%s is an error", (_, bytes, error) => {
  expect(parseIpv6(bytes)).toStrictEqual({ ok: false, error });
});
