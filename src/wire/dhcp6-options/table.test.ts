import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { iaAddress } from "./ia-address.ts";
import { messageOptions, type OptionName } from "./table.ts";

const names = Object.keys(messageOptions.codecs) as OptionName[];
const all = { ...messageOptions.codecs, iaAddress };
/** Files that are no option of their own. */
const helpers = ["duid.ts", "max-rt.ts", "option-set.ts", "shapes.ts", "table.ts"];
const fileOf = (name: string): string =>
  `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`;

test("the options of the table, by code", () => {
  const codes = names.map((name) => messageOptions.codecs[name].code).sort((a, b) => a - b);
  expect(codes).toEqual([1, 2, 3, 6, 7, 8, 11, 13, 14, 16, 19, 23, 24, 32, 39, 56, 82, 83]);
});

test("every file stands in the table, but for that of option 5, which stands in option 3", () => {
  const files = readdirSync(new URL(".", import.meta.url)).filter(
    (file) => !/\.(test|fixture)\.ts$/.test(file),
  );
  const listed = [...Object.keys(all).map(fileOf), ...helpers];
  expect(files.toSorted()).toEqual(listed.toSorted());
});

test.each(Object.entries(all))("%s comes from the file of its name, and has a test", async (name, codec) => {
  const file = fileOf(name);
  const exported: Record<string, unknown> = await import(new URL(file, import.meta.url).href);
  expect(exported[name]).toBe(codec);
  expect(readdirSync(new URL(".", import.meta.url))).toContain(file.replace(".ts", ".test.ts"));
});
