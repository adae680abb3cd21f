import { expect, test } from "vitest";
import { emitted, rawOption, readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [0, 0, 28, 32], { value: 7200 }],
  ["least", [0, 0, 0, 60], { value: 60 }],
  ["most", [0, 1, 81, 128], { value: 86400 }],
  ["too little", [0, 0, 0, 59], { why: "59 is not between 60 and 86400" }],
  ["too much", [0, 1, 81, 129], { why: "86401 is not between 60 and 86400" }],
  ["short", [0, 28, 32], { why: "3 bytes, 4 needed" }],
  ["empty", [], { why: "0 bytes, 4 needed" }],
  ["long", [0, 0, 0, 28, 32], { why: "5 bytes, 4 needed" }],
  ["absent", undefined, {}],
])("option 82, SOL_MAX_RT: %s", (_, bytes, expected) => {
  expect(readOption("solMaxRt", 82, bytes)).toStrictEqual(expected);
});

test("option 82, SOL_MAX_RT: emitted", () => {
  expect(emitted({ solMaxRt: 3600 })).toEqual(rawOption(82, [0, 0, 14, 16]));
});
