import { expect, test } from "vitest";
import { parseIp4 } from "../../base/ip4.ts";
import { must } from "../../base/parsed.ts";
import { readOption } from "./read-option.fixture.ts";
import { serverId } from "./server-id.ts";

test.each([
  ["present", [192, 0, 2, 1], { value: "192.0.2.1" }],
  ["short", [192, 0, 2], { why: "3 bytes, 4 needed" }],
  ["empty", [], { why: "0 bytes, 4 needed" }],
  ["long", [192, 0, 2, 1, 9], { why: "5 bytes, 4 needed" }],
  ["absent", undefined, {}],
])("option 54, server id: %s", (_, bytes, expected) => {
  expect(readOption("serverId", 54, bytes)).toStrictEqual(expected);
});

test("option 54, server id: emitted", () => {
  expect([...serverId.emit(must(parseIp4("192.0.2.1")))]).toEqual([192, 0, 2, 1]);
});
