import { expect, test } from "vitest";
import { readSntp } from "./sntp.ts";

const now = Date.UTC(2026, 10, 29, 12);

function answer(unixSeconds: number, { first = 0x24, stratum = 2 } = {}): Uint8Array {
  const bytes = new Uint8Array(48);
  bytes[0] = first;
  bytes[1] = stratum;
  const view = new DataView(bytes.buffer);
  view.setUint32(40, (unixSeconds + 2_208_988_800) % 2 ** 32);
  view.setUint32(44, 2 ** 31);
  return bytes;
}

test("the time of an answer", () => {
  expect(readSntp(answer(now / 1000), now)).toBe(now + 500);
  const in2040 = Date.UTC(2040, 0, 1);
  expect(readSntp(answer(in2040 / 1000), in2040 + 86_400_000)).toBe(in2040 + 500);
});

test.each([
  ["short", answer(now / 1000).subarray(0, 47)],
  ["a question", answer(now / 1000, { first: 0x23 })],
  ["of a server that is not synchronised", answer(now / 1000, { first: 0xe4 })],
  ["a kiss of death", answer(now / 1000, { stratum: 0 })],
  ["of stratum 16", answer(now / 1000, { stratum: 16 })],
  ["without a time", answer(-2_208_988_800)],
])("none is read from one that is %s", (_, bytes) => {
  expect(readSntp(bytes, now)).toBeUndefined();
});
