import { expect, test } from "vitest";
import { parseIp4 } from "../base/ip4.ts";
import { parseIp6 } from "../base/ip6.ts";
import { must } from "../base/parsed.ts";
import { foldSum, pseudoHeaderSum } from "./checksum.ts";
import { emitUdp, parseUdp } from "./udp.ts";

const addresses = { source: must(parseIp4("192.0.2.1")), destination: must(parseIp4("198.51.100.2")) };
const datagram = { sourcePort: 67, destinationPort: 68, payload: Uint8Array.of(0xab, 0xcd, 0xef) };

function withChecksum(checksum: number): Uint8Array {
  const bytes = emitUdp(datagram, addresses);
  bytes.set([checksum >>> 8, checksum & 0xff], 6);
  return bytes;
}

test("bytes on the wire", () => {
  // c000 + 0201 + c633 + 6402 + 0011 + 000b + 0043 + 0044 + 000b + abcd + ef00 = 387b1, folded 87b4, inverted 784b
  expect([...emitUdp(datagram, addresses)]).toEqual([0, 67, 0, 68, 0, 11, 0x78, 0x4b, 0xab, 0xcd, 0xef]);
});

const partial = foldSum(pseudoHeaderSum(addresses, 17, 11));

test.each([
  ["a right checksum", 0x784b],
  ["no checksum", 0],
  ["a checksum left to the NIC", partial],
])("%s is accepted", (_, checksum) => {
  expect(parseUdp(withChecksum(checksum), addresses)).toStrictEqual({ ok: true, value: datagram });
});

test.each([
  ["one too many", 0x784c],
  ["not inverted", 0x87b4],
  ["the unfinished one inverted", ~partial & 0xffff],
  ["all ones", 0xffff],
])("a wrong checksum is an error: %s", (_, checksum) => {
  expect(parseUdp(withChecksum(checksum), addresses)).toStrictEqual({
    ok: false,
    error: "UDP: wrong checksum",
  });
});

test("a datagram taken from between other hosts is an error", () => {
  const elsewhere = { ...addresses, source: must(parseIp4("192.0.2.2")) };
  expect(parseUdp(emitUdp(datagram, addresses), elsewhere).ok).toBe(false);
});

test("a sum of zero is sent as ffff, and read", () => {
  const empty = { ...datagram, payload: new Uint8Array(4) };
  // Two bytes of payload that are the checksum of the rest make the whole add up to zero.
  const [high = 0, low = 0] = emitUdp(empty, addresses).subarray(6, 8);
  const payload = Uint8Array.of(high, low, 0, 0);
  const bytes = emitUdp({ ...datagram, payload }, addresses);
  expect([...bytes.subarray(6, 8)]).toEqual([0xff, 0xff]);
  expect(parseUdp(bytes, addresses)).toStrictEqual({ ok: true, value: { ...datagram, payload } });
});

test("bytes behind the length are ignored", () => {
  const padded = Uint8Array.from([...emitUdp(datagram, addresses), 1, 2, 3]);
  expect(parseUdp(padded, addresses)).toStrictEqual({ ok: true, value: datagram });
});

test.each([
  ["a short header", [0, 67, 0, 68, 0, 8, 0], "UDP: ends after 7 bytes, 8 needed"],
  ["a length below the header", [0, 67, 0, 68, 0, 7, 0, 0], "UDP: length 7, 8 bytes there"],
  ["a length beyond the packet", [0, 67, 0, 68, 0, 9, 0, 0], "UDP: length 9, 8 bytes there"],
])("%s is an error", (_, bytes, error) => {
  expect(parseUdp(Uint8Array.from(bytes), addresses)).toStrictEqual({ ok: false, error });
});

const hosts6 = { source: must(parseIp6("fe80::1")), destination: must(parseIp6("ff02::1:2")) };

test("bytes on the wire, over IPv6", () => {
  // fe80 + 0001 + ff02 + 0001 + 0002 + 0011 + 000b + 0043 + 0044 + 000b + abcd + ef00 = 39901, folded 9904, inverted 66fb
  expect([...emitUdp(datagram, hosts6)]).toEqual([0, 67, 0, 68, 0, 11, 0x66, 0xfb, 0xab, 0xcd, 0xef]);
});

const partial6 = foldSum(pseudoHeaderSum(hosts6, 17, 11));

test.each([
  ["a right checksum", 0x66fb, { ok: true, value: datagram }],
  ["a checksum left to the NIC", partial6, { ok: true, value: datagram }],
  ["no checksum", 0, { ok: false, error: "UDP: no checksum, which IPv6 does not allow" }],
  ["a wrong checksum", 0x66fc, { ok: false, error: "UDP: wrong checksum" }],
])("over IPv6: %s", (_, checksum, expected) => {
  const bytes = emitUdp(datagram, hosts6);
  bytes.set([checksum >>> 8, checksum & 0xff], 6);
  expect(parseUdp(bytes, hosts6)).toStrictEqual(expected);
});
