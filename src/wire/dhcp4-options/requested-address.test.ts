import { expect, test } from "vitest";
import { parseIp4 } from "../../base/ip4.ts";
import { must } from "../../base/parsed.ts";
import { readOption } from "./read-option.fixture.ts";
import { requestedAddress } from "./requested-address.ts";

test.each([
  ["present", [192, 0, 2, 77], { value: "192.0.2.77" }],
  ["short", [192, 0, 2], { why: "3 bytes, 4 needed" }],
  ["empty", [], { why: "0 bytes, 4 needed" }],
  ["long", [192, 0, 2, 77, 9], { why: "5 bytes, 4 needed" }],
  ["absent", undefined, {}],
])("option 50, requested address: %s", (_, bytes, expected) => {
  expect(readOption("requestedAddress", 50, bytes)).toStrictEqual(expected);
});

test("option 50, requested address: emitted", () => {
  expect([...requestedAddress.emit(must(parseIp4("192.0.2.77")))]).toEqual([192, 0, 2, 77]);
});
