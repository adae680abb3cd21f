import { expect, test } from "vitest";
import { emitted, rawOption, readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [], { value: true }],
  ["long", [0], { why: "1 bytes, 0 needed" }],
  ["absent", undefined, {}],
])("option 14, rapid commit: %s", (_, bytes, expected) => {
  expect(readOption("rapidCommit", 14, bytes)).toStrictEqual(expected);
});

test("option 14, rapid commit: emitted", () => {
  expect(emitted({ rapidCommit: true })).toEqual(rawOption(14, []));
});
