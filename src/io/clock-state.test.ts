import { expect, test } from "vitest";
import { isClockKept } from "./clock-state.ts";

test("the kernel says whether somebody keeps the clock", () => {
  expect(isClockKept()).toBeTypeOf("boolean");
});
