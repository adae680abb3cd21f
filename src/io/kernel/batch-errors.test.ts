import { expect, it } from "vitest";
import { parseBatchErrors } from "./batch-errors.ts";

it("names each failed line with the reason printed before it", () => {
  const stderr = `Error: Unknown device type.
Command failed -:1
Cannot find device "nope"
Command failed -:2
RTNETLINK answers: File exists
Command failed -:17
Command failed -:18
`;
  expect(parseBatchErrors(stderr)).toEqual([
    { line: 0, message: "Unknown device type." },
    { line: 1, message: 'Cannot find device "nope"' },
    { line: 16, message: "File exists" },
    { line: 17, message: "no reason given" },
  ]);
});

it("finds nothing in warnings alone", () => {
  expect(parseBatchErrors("Warning: device with same name exists.\n")).toEqual([]);
  expect(parseBatchErrors("")).toEqual([]);
});
