import { expect, it } from "vitest";
import { systemRng } from "./rng.ts";

it("gives 32-bit numbers that fill the range and do not repeat from pool to pool", () => {
  const numbers = Array.from({ length: 4096 }, () => systemRng.uint32());
  expect(numbers.every((n) => Number.isInteger(n) && n >= 0 && n < 2 ** 32)).toBe(true);
  expect(new Set(numbers).size).toBeGreaterThan(4090);
  const mean = numbers.reduce((sum, n) => sum + n, 0) / numbers.length / 2 ** 32;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
});
