import { afterEach, expect, test } from "vitest";
import { gatewayNow, learnClock, relativeTime, span } from "./times.ts";

afterEach(() => learnClock(new Date().toUTCString()));

const now = Date.parse("2026-01-01T12:00:00Z");

test.each([
  ["2026-01-01T12:00:02Z", "now"],
  ["2026-01-01T11:59:50Z", "10 sec. ago"],
  ["2026-01-01T12:30:00Z", "in 30 min."],
  ["2026-01-01T10:00:00Z", "2 hr. ago"],
  ["2025-12-31T11:00:00Z", "yesterday"],
  ["2026-01-02T13:00:00Z", "tomorrow"],
  ["2024-01-01T11:00:00Z", "2 yr. ago"],
  ["2026-01-11T12:00:00Z", "in 10 days"],
])("%s is %s", (iso, expected) => {
  expect(relativeTime(iso, now)).toBe(expected);
});

test("a gateway that thinks it is 1970 tells times of 1970", () => {
  learnClock("Thu, 01 Jan 1970 00:10:00 GMT");
  expect(Math.abs(gatewayNow() - 600_000)).toBeLessThan(2_000);
  expect(relativeTime("1970-01-01T00:05:00Z")).toBe("5 min. ago");
});

test("a second of difference is the header's rounding", () => {
  learnClock(new Date(Date.now() - 900).toUTCString());
  expect(Math.abs(gatewayNow() - Date.now())).toBeLessThan(50);
  learnClock(null);
  learnClock("nonsense");
  expect(Math.abs(gatewayNow() - Date.now())).toBeLessThan(50);
});

test.each([
  [5, "5 s"],
  [65, "1 min"],
  [3_700, "1 h 1 min"],
  [200_000, "2 d 7 h"],
])("%i s are %s", (seconds, expected) => {
  expect(span(seconds)).toBe(expected);
});
