import { expect, test } from "vitest";
import { domainName } from "./domain-name.ts";
import { readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [99, 97, 109, 46, 120], { value: "cam.x" }],
  ["ended by NULs", [99, 97, 109, 0, 0], { value: "cam" }],
  ["not ASCII", [99, 0, 228], { value: "c\u0000ä" }],
  ["short", [], { why: "empty" }],
  ["nothing but a NUL", [0], { why: "empty" }],
  ["long, in parts", Array.from({ length: 600 }, () => 97), { value: "a".repeat(600) }],
  ["absent", undefined, {}],
])("option 15, domain name: %s", (_, bytes, expected) => {
  expect(readOption("domainName", 15, bytes)).toStrictEqual(expected);
});

test("option 15, domain name: emitted", () => {
  expect([...domainName.emit("cäm€")]).toEqual([99, 228, 109, 63]);
});
