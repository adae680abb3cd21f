import fc from "fast-check";
import { expect, test } from "vitest";
import { utf8Bytes, utf8Text } from "./utf8.ts";

// A byte order mark is a character like any other here.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

test.each([
  ["ASCII", [97, 0, 127], "a\0\x7f"],
  ["two bytes", [0xc3, 0xa4], "ä"],
  ["three bytes", [0xe2, 0x82, 0xac], "€"],
  ["four bytes", [0xf0, 0x9f, 0x98, 0x80], "😀"],
  ["a byte order mark", [0xef, 0xbb, 0xbf], "\ufeff"],
])("%s", (_, bytes, text) => {
  expect(utf8Text(Uint8Array.from(bytes))).toBe(text);
  expect([...utf8Bytes(text)]).toEqual(bytes);
});

test.each([
  ["a lone continuation", [0x80, 97], "\ufffda"],
  ["a sequence cut short", [0xe2, 0x82], "\ufffd"],
  ["a sequence broken off", [0xe2, 0x82, 97], "\ufffda"],
  ["an overlong form", [0xc0, 0xaf], "\ufffd\ufffd"],
  ["a surrogate", [0xed, 0xa0, 0x80], "\ufffd\ufffd\ufffd"],
  ["above U+10FFFF", [0xf4, 0x90, 0x80, 0x80], "\ufffd\ufffd\ufffd\ufffd"],
])("%s", (_, bytes, text) => {
  expect(utf8Text(Uint8Array.from(bytes))).toBe(text);
});

test("as the platform does it, for any bytes and any text", () => {
  // Mostly bytes that mean something in sequences.
  const byte = fc.oneof(
    fc.nat(0xff),
    fc.integer({ min: 0x80, max: 0xbf }),
    fc.integer({ min: 0xc0, max: 0xf5 }),
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 12 }), (bytes) => {
      const given = Uint8Array.from(bytes);
      expect(utf8Text(given)).toBe(decoder.decode(given));
    }),
    { numRuns: 5_000 },
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(utf8Bytes(text)).toEqual(new Uint8Array(encoder.encode(text)));
    }),
    { numRuns: 1_000 },
  );
  expect(utf8Bytes("a\ud800b")).toEqual(new Uint8Array(encoder.encode("a\ud800b")));
});
