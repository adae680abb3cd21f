import { expect, test } from "vitest";
import { parseMac } from "../base/mac.ts";
import { must } from "../base/parsed.ts";
import { matchesAny, parseMacPattern } from "./mac-pattern.ts";

const mac = must(parseMac("02:00:5e:10:00:01"));
const matches = (...patterns: string[]) =>
  matchesAny(
    patterns.map((p) => must(parseMacPattern(p))),
    mac,
  );

test("whole MACs and leading octets", () => {
  expect(matches("02:00:5E:10:00:01")).toBe(true);
  expect(matches("02005e100001")).toBe(true);
  expect(matches("02:00:5e:*")).toBe(true);
  expect(matches("02-00-5E-10-00-*")).toBe(true);
  expect(matches("aa:*", "02:*")).toBe(true);
  expect(matches("02:00:5e:10:00:02", "02:00:5f:*")).toBe(false);
  expect(matches()).toBe(false);
});

test.each(["", "*", "02:0*", "02:00", "02:00:5e:10:00:01:*", "02:00-5e:*", "zz:*"])(
  "%j is refused",
  (text) => {
    expect(parseMacPattern(text).ok).toBe(false);
  },
);
