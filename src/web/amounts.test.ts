import { expect, test } from "vitest";
import { bytes, perSecond, rateBetween } from "./amounts.ts";

test.each([
  [0, "0 B"],
  [0.4, "0 B"],
  [999, "999 B"],
  [1_000, "1.0 kB"],
  [123_456, "123 kB"],
  [1_234_567, "1.2 MB"],
  [5e15, "5.0 PB"],
  [5e20, "500000 PB"],
])("%d bytes are %s", (count, expected) => {
  expect(bytes(count)).toBe(expected);
});

test("rates are what came since the reading before, a second", () => {
  const before = { at: 10, received: 1_000, sent: 50 };
  expect(rateBetween(before, { at: 12, received: 3_000, sent: 50 })).toEqual({ received: 1_000, sent: 0 });
  expect(perSecond(1_000)).toBe("1.0 kB/s");
});

test("counters that began anew give no rate", () => {
  const before = { at: 10, received: 1_000, sent: 50 };
  expect(rateBetween(before, { at: 12, received: 10, sent: 60 })).toBeUndefined();
  expect(rateBetween(before, { ...before, received: 1_001 })).toBeUndefined();
});
