import { expect, test } from "vitest";
import { parseIp4 } from "../../base/ip4.ts";
import { must } from "../../base/parsed.ts";
import { broadcastAddress } from "./broadcast-address.ts";
import { readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [192, 0, 2, 255], { value: "192.0.2.255" }],
  ["short", [192, 0, 2], { why: "3 bytes, 4 needed" }],
  ["empty", [], { why: "0 bytes, 4 needed" }],
  ["long", [192, 0, 2, 255, 9], { why: "5 bytes, 4 needed" }],
  ["absent", undefined, {}],
])("option 28, broadcast address: %s", (_, bytes, expected) => {
  expect(readOption("broadcastAddress", 28, bytes)).toStrictEqual(expected);
});

test("option 28, broadcast address: emitted", () => {
  expect([...broadcastAddress.emit(must(parseIp4("192.0.2.255")))]).toEqual([192, 0, 2, 255]);
});
