import { expect, test } from "vitest";
import { parseIp4 } from "../../base/ip4.ts";
import { must } from "../../base/parsed.ts";
import { dnsServers } from "./dns-servers.ts";
import { readOption } from "./read-option.fixture.ts";

test.each([
  ["present", [192, 0, 2, 1], { value: ["192.0.2.1"] }],
  ["two", [192, 0, 2, 1, 198, 51, 100, 2], { value: ["192.0.2.1", "198.51.100.2"] }],
  ["short", [192, 0, 2], { why: "3 bytes, a multiple of 4 needed" }],
  ["empty", [], { why: "0 bytes, a multiple of 4 needed" }],
  ["long", [192, 0, 2, 1, 9], { why: "5 bytes, a multiple of 4 needed" }],
  ["in parts", Array.from({ length: 400 }, () => 7), { value: Array.from({ length: 100 }, () => "7.7.7.7") }],
  ["absent", undefined, {}],
])("option 6, DNS servers: %s", (_, bytes, expected) => {
  expect(readOption("dnsServers", 6, bytes)).toStrictEqual(expected);
});

test("option 6, DNS servers: emitted", () => {
  expect([...dnsServers.emit([must(parseIp4("192.0.2.1")), must(parseIp4("198.51.100.2"))])]).toEqual([
    192, 0, 2, 1, 198, 51, 100, 2,
  ]);
});
