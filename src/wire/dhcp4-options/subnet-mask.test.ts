import { expect, test } from "vitest";
import { parseIp4 } from "../../base/ip4.ts";
import { must } from "../../base/parsed.ts";
import { readOption } from "./read-option.fixture.ts";
import { subnetMask } from "./subnet-mask.ts";

test.each([
  ["present", [255, 255, 254, 0], { value: "255.255.254.0" }],
  ["short", [255, 255, 254], { why: "3 bytes, 4 needed" }],
  ["empty", [], { why: "0 bytes, 4 needed" }],
  ["long", [255, 255, 254, 0, 9], { why: "5 bytes, 4 needed" }],
  ["absent", undefined, {}],
])("option 1, subnet mask: %s", (_, bytes, expected) => {
  expect(readOption("subnetMask", 1, bytes)).toStrictEqual(expected);
});

test("option 1, subnet mask: emitted", () => {
  expect([...subnetMask.emit(must(parseIp4("255.255.254.0")))]).toEqual([255, 255, 254, 0]);
});
