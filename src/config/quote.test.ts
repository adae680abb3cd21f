import { expect, test } from "vitest";
import { cutMiddle, printable, showTyped, showValue } from "./quote.ts";

test("what is too long loses its middle and keeps the length that it may have", () => {
  expect(cutMiddle("0123456789", 10)).toBe("0123456789");
  expect(cutMiddle("0123456789x", 10)).toBe("01234…789x");
  expect(cutMiddle("😀".repeat(20), 5)).toBe("😀😀…😀😀");
});

test("nothing of what a stranger wrote moves the cursor or begins a line", () => {
  expect(printable("a\nb\x1b[2J\u202e\u2028\x7f c")).toBe("a\\u{a}b\\u{1b}[2J\\u{202e}\\u{2028}\\u{7f} c");
  expect([...showTyped(`\n${"x".repeat(10_000)}`)].length).toBe(120);
});

test("a value nested without end is shown in short", () => {
  const deep = (open: string, close: string): unknown =>
    JSON.parse(`${open.repeat(100_000)}1${close.repeat(100_000)}`);
  expect(showValue(deep("[", "]"))).toBe("[[[[[[[[…]]]]]]]]");
  expect(showValue(deep('{"a":', "}"))).toContain("{ a = { a = ");
});
