import { afterEach, expect, it, vi } from "vitest";
import { between, millis, never, plus, seconds } from "../base/time.ts";
import { systemClock } from "./clock.ts";

afterEach(() => void vi.useRealTimers());

it("never runs a task before its time", async () => {
  for (let i = 0; i < 20; i++) {
    const due = plus(systemClock.now(), millis(1.3));
    const ranAt = await new Promise<number>((resolve) =>
      systemClock.at(due, () => resolve(systemClock.now())),
    );
    expect(ranAt).toBeGreaterThanOrEqual(due);
  }
});

it("sleeps, cancels, and leaves `never` alone", async () => {
  let ran = 0;
  const cancel = systemClock.after(millis(5), () => ran++);
  cancel();
  cancel();
  systemClock.at(never, () => ran++)();
  const from = systemClock.now();
  await systemClock.sleep(millis(20));
  expect(between(from, systemClock.now())).toBeGreaterThanOrEqual(20);
  expect(ran).toBe(0);
});

it("waits for spans longer than a timer of Node can hold", () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  let ran = 0;
  systemClock.after(seconds(2 ** 32 - 1), () => ran++);
  vi.advanceTimersByTime((2 ** 32 - 2) * 1000);
  expect(ran).toBe(0);
  vi.advanceTimersByTime(1001);
  expect(ran).toBe(1);
});

it("can cancel a long span after its first part", () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  let ran = 0;
  const cancel = systemClock.after(seconds(2 ** 32 - 1), () => ran++);
  vi.advanceTimersByTime(2 ** 31 + 5);
  cancel();
  vi.advanceTimersByTime(2 ** 32 * 1000);
  expect(ran).toBe(0);
});
