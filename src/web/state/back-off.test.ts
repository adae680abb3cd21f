import { expect, test } from "vitest";
import { waitBefore } from "./back-off.ts";

test("each wait is twice the one before, up to 15 s, more or less", () => {
  expect([1, 2, 3, 4, 5, 6, 50].map((n) => waitBefore(n, 0.5))).toEqual([
    1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000,
  ]);
  expect([waitBefore(1, 0), waitBefore(1, 1)]).toEqual([750, 1_250]);
});
