import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { lagOf, loopLag } from "./loop-lag.ts";

test("figures in seconds, of a hundred moments of which one was late", () => {
  const lag = lagOf([...Array.from({ length: 99 }, (_, n) => n / 10), 800]);
  expect(lag.min).toBe(0);
  expect(lag.max).toBe(0.8);
  expect(lag.mean).toBeCloseTo(0.0129, 4);
  expect(lag.stddev).toBeCloseTo(0.0792, 4);
  expect([lag.p50, lag.p90, lag.p99].map((s) => s * 1000)).toEqual([4.9, 8.9, 9.8]);
});

test("nothing measured is no lag", () => {
  expect(new Set(Object.values(lagOf([])))).toEqual(new Set([0]));
});

test("sees what holds up the event loop, once", async () => {
  loopLag();
  await sleep(600);
  const busyUntil = performance.now() + 900;
  while (performance.now() < busyUntil);
  await sleep(50);
  expect(loopLag().max).toBeGreaterThan(0.4);
  expect(loopLag().max).toBe(0);
});
