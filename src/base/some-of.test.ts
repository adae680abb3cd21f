import { expect, test } from "vitest";
import { someOf } from "./some-of.ts";

test.each([
  ["", []],
  ["a, b, c", ["a", "b", "c"]],
  ["a, b, c and 2 more", ["a", "b", "c", "d", "e"]],
])("%s", (text, list) => expect(someOf(list)).toBe(text));
