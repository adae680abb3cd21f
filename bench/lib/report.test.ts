import { expect, test } from "vitest";
import { commandOf, reportText } from "./report.ts";

test("the command as people type it", () => {
  const argv = [
    "node",
    "/somewhere/dist/bench/proxy.js",
    "--runs",
    "3",
    "--json",
    "/tmp/file",
    "--rounds",
    "1",
  ];
  expect(commandOf(argv)).toBe("bench/proxy --runs 3 --rounds 1");
  expect(commandOf(argv.slice(0, 2))).toBe("bench/proxy");
});

test("a report as text", () => {
  const report = {
    title: "One",
    about: ["Medians."],
    tables: [
      [
        ["WAY", "a second"],
        ["ours", "10"],
      ],
    ],
  };
  expect(reportText(report)).toBe("Medians.\n\n  WAY   a second\n  ours  10\n");
});
