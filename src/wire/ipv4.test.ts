import { expect, test } from "vitest";
import { parseIp4 } from "../base/ip4.ts";
import { must } from "../base/parsed.ts";
import { checksumOf, sumWords } from "./checksum.ts";
import { emitIpv4, parseIpv4 } from "./ipv4.ts";

const packet = {
  source: must(parseIp4("192.0.2.1")),
  destination: must(parseIp4("198.51.100.2")),
  protocol: 17,
  ttl: 64,
  payload: Uint8Array.of(1, 2, 3),
};

/** A header with `changes` (offset to byte) made and its checksum set right again. */
function changed(changes: Readonly<Record<number, number>>, tail: readonly number[] = []): Uint8Array {
  const bytes = Uint8Array.from([...emitIpv4(packet), ...tail]);
  for (const [offset, byte] of Object.entries(changes)) bytes[Number(offset)] = byte;
  bytes[10] = bytes[11] = 0;
  const checksum = checksumOf(sumWords(bytes.subarray(0, ((bytes[0] ?? 0) & 15) * 4)));
  bytes[10] = checksum >>> 8;
  bytes[11] = checksum & 0xff;
  return bytes;
}

test("the example of Wikipedia's page on the IPv4 header checksum", () => {
  const header = [0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0, 0, 0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0, 0xc7];
  expect(checksumOf(sumWords(Uint8Array.from(header)))).toBe(0xb861);
});

test("padding behind the packet is cut off", () => {
  expect(parseIpv4(changed({}, [0, 0, 0, 0]))).toStrictEqual({ ok: true, value: packet });
});

test("header options are skipped", () => {
  const bytes = changed({ 0: 0x46, 3: 27 }, [0, 0, 0, 0]);
  const payload = Uint8Array.of(0, 0, 0);
  bytes.set([1, 1, 1, 0, ...payload], 20);
  const checksum = checksumOf(
    sumWords(Uint8Array.from([...bytes.subarray(0, 10), 0, 0, ...bytes.subarray(12, 24)])),
  );
  bytes.set([checksum >>> 8, checksum & 0xff], 10);
  expect(parseIpv4(bytes)).toStrictEqual({ ok: true, value: { ...packet, payload } });
});

test.each([
  ["a short header", emitIpv4(packet).subarray(0, 19), "IPv4: ends after 19 bytes, 20 needed"],
  ["version 6", changed({ 0: 0x65 }), "IPv4: version 6"],
  ["a header length of 16", changed({ 0: 0x44 }), "IPv4: header of 16 bytes, total of 23, 23 there"],
  ["a header longer than all", changed({ 0: 0x46 }), "IPv4: header of 24 bytes, total of 23, 23 there"],
  ["a total too long", changed({ 3: 24 }), "IPv4: header of 20 bytes, total of 24, 23 there"],
  ["a total below the header", changed({ 3: 19 }), "IPv4: header of 20 bytes, total of 19, 23 there"],
  ["more fragments", changed({ 6: 0x20 }), "IPv4: a fragment"],
  ["a later fragment", changed({ 7: 0x01 }), "IPv4: a fragment"],
])("%s is an error", (_, bytes, error) => {
  expect(parseIpv4(bytes)).toStrictEqual({ ok: false, error });
});

test("a flipped bit in the header is an error", () => {
  for (let bit = 0; bit < 160; bit++) {
    const bytes = emitIpv4(packet);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(parseIpv4(bytes).ok).toBe(false);
  }
});
