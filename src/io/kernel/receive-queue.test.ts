import { expect, test } from "vitest";
import { cpuMask, spreadReceived } from "./receive-queue.ts";

test.each([
  [2, undefined, "3"],
  [4, undefined, "f"],
  [32, undefined, "ffffffff"],
  [40, undefined, "ff,ffffffff"],
  [2, 0, "2"],
  [2, 1, "1"],
  [4, 4, "f"],
  [40, 31, "ff,7fffffff"],
  [40, 32, "fe,ffffffff"],
])("of %i processors all but %s are the mask %s", (count, without, mask) => {
  expect(cpuMask(count, without)).toBe(mask);
});

test("what cannot be is told, and no error", async () => {
  expect(await spreadReceived("no-such-port")).toMatch(/no such file|one processor/);
});
