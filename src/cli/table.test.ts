import fc from "fast-check";
import { expect, test } from "vitest";
import { millis, wallTime } from "../base/time.ts";
import { renderTable } from "./table.ts";
import { columnsOf, cutTo, longSpan, shortSpan, sinceWall, styled, wantsColor, wrap } from "./text.ts";

const plain = { width: 30, color: false };

test("columns are as wide as their content; what may be cut is cut", () => {
  const columns = [{ title: "A" }, { title: "B", least: 3 }];
  expect(
    renderTable(
      columns,
      [{ cells: ["1234567", "short"] }, { cells: ["1", "a text much longer than the room"] }],
      plain,
    ),
  ).toEqual(["A        B", "1234567  short", "1        a text much longer t…"]);
});

test("notes stand beneath their row", () => {
  expect(
    renderTable([{ title: "A" }], [{ cells: ["1"], notes: ["why it is so, in several words"] }], plain),
  ).toEqual(["A", "1", "    why it is so, in several", "    words"]);
});

test("colour does not change the layout", () => {
  const rows = [{ cells: ["x", "y"], styles: ["red" as const, undefined] }];
  const columns = [{ title: "LONG" }, { title: "B" }];
  const colored = renderTable(columns, rows, { width: 80, color: true });
  expect(colored[1]).toBe("\x1b[31mx\x1b[0m     y");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  expect(colored.map((line) => line.replace(/\x1b\[\d+m/g, ""))).toEqual(
    renderTable(columns, rows, { width: 80, color: false }),
  );
});

test("no cell can move the cursor or break the line, and no line is too wide", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })), { maxLength: 5 }),
      (cells) => {
        const columns = [
          { title: "A", least: 1 },
          { title: "B", least: 1 },
        ];
        const rows = cells.map((pair) => ({ cells: pair, notes: [...pair] }));
        for (const line of renderTable(columns, rows, { width: 40, color: false })) {
          expect(line).not.toMatch(/\p{Cc}/u);
          expect(columnsOf(line)).toBeLessThanOrEqual(40);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("wide and combining characters count as they show", () => {
  expect(columnsOf("名前")).toBe(4);
  expect(columnsOf("e\u0301")).toBe(1);
  expect(cutTo("名前名前", 5)).toBe("名前…");
  expect(cutTo("abc", 3)).toBe("abc");
  expect(wrap("abcdefghijkl mno", 10, "  ")).toEqual(["  abcdefgh", "  ijkl mno"]);
});

test("colour is for terminals whose user did not refuse it", () => {
  expect(wantsColor(true, {})).toBe(true);
  expect(wantsColor(false, {})).toBe(false);
  expect(wantsColor(true, { NO_COLOR: "1" })).toBe(false);
  expect(wantsColor(true, { NO_COLOR: "" })).toBe(true);
  expect(wantsColor(true, { TERM: "dumb" })).toBe(false);
  expect(styled("x", "red", false)).toBe("x");
});

test("spans", () => {
  const day = 86_400_000;
  expect([0, 999, 5000, 65_000, 7_500_000, 4 * day].map((ms) => shortSpan(millis(ms)))).toEqual([
    "0s",
    "0s",
    "5s",
    "1m",
    "2h",
    "4d",
  ]);
  expect([0, 5000, 65_000, 7_500_000, 4 * day].map((ms) => longSpan(millis(ms)))).toEqual([
    "0 s",
    "5 s",
    "1 min 5 s",
    "2 h 5 min",
    "4 d",
  ]);
  expect(sinceWall(wallTime(5000), wallTime(8000))).toBe(3000);
  expect(sinceWall(wallTime(5500), wallTime(5000))).toBe(0);
  expect(sinceWall(wallTime(50_000_000), wallTime(0))).toBeUndefined();
});
