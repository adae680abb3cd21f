import { expect, test } from "vitest";
import { emitted, rawOption, readOption } from "./read-option.fixture.ts";

test.each([
  ["renew", [5], { value: 5 }],
  ["rebind", [6], { value: 6 }],
  ["information-request", [11], { value: 11 }],
  ["solicit", [1], { why: "1 is not 5, 6, 11" }],
  ["short", [], { why: "0 bytes, 1 needed" }],
  ["long", [5, 5], { why: "2 bytes, 1 needed" }],
  ["absent", undefined, {}],
])("option 19, reconfigure message: %s", (_, bytes, expected) => {
  expect(readOption("reconfigure", 19, bytes)).toStrictEqual(expected);
});

test("option 19, reconfigure message: emitted", () => {
  expect(emitted({ reconfigure: 11 })).toEqual(rawOption(19, [11]));
});
