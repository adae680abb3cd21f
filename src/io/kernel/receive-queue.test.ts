import { expect, test } from "vitest";
import { cpuMask, spreadReceived } from "./receive-queue.ts";

test.each([
  [2, "3"],
  [4, "f"],
  [32, "ffffffff"],
  [40, "ff,ffffffff"],
])("%i processors are the mask %s", (count, mask) => {
  expect(cpuMask(count)).toBe(mask);
});

test("what cannot be is told, and no error", async () => {
  expect(await spreadReceived("no-such-port")).toMatch(/no such file|one processor/);
});
