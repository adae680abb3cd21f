import { expect, test } from "vitest";
import { optionNameByCode, optionNames, optionTable } from "./table.ts";

test("the options of the table, by code", () => {
  const codes = optionNames.map((name) => optionTable[name].code).sort((a, b) => a - b);
  expect(codes).toEqual([
    1, 3, 6, 12, 15, 26, 28, 33, 42, 43, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 108, 119, 121,
  ]);
});

test("a code leads back to its name", () => {
  expect(optionNameByCode.size).toBe(optionNames.length);
  for (const name of optionNames) expect(optionNameByCode.get(optionTable[name].code)).toBe(name);
});
