import { expect, test } from "vitest";
import { messageType } from "./message-type.ts";
import { readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [5], { value: "ack" }],
  ["first", [1], { value: "discover" }],
  ["last", [8], { value: "inform" }],
  ["zero", [0], { why: "unknown message type 0" }],
  ["lease query", [10], { why: "unknown message type 10" }],
  ["short", [], { why: "0 bytes, 1 needed" }],
  ["long", [5, 5], { why: "2 bytes, 1 needed" }],
  ["absent", undefined, {}],
])("option 53, message type: %s", (_, bytes, expected) => {
  expect(readOption("messageType", 53, bytes)).toStrictEqual(expected);
});

test("option 53, message type: emitted", () => {
  expect([...messageType.emit("nak")]).toEqual([6]);
});
