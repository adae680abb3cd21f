import { expect, test } from "vitest";
import { median, medianRatio, rotated } from "./figures.ts";

test("the middle figure", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(3);
  expect(median([1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])).toBe(Number.POSITIVE_INFINITY);
  expect(median([])).toBeNaN();
});

test("ratios are taken round by round", () => {
  expect(medianRatio([1, 20, 300], [2, 20, 200])).toBe(1);
});

test("each round begins with another one", () => {
  expect([0, 1, 2, 3].map((round) => rotated(["a", "b", "c"], round).join(""))).toEqual([
    "abc",
    "bca",
    "cab",
    "abc",
  ]);
});
