import { expect, test } from "vitest";
import { parseIp4 } from "../../base/ip4.ts";
import { must } from "../../base/parsed.ts";
import { readOption } from "./read-option.fixture.ts";
import { staticRoutes } from "./static-routes.ts";

test.each([
  [
    "present",
    [198, 51, 100, 9, 192, 0, 2, 1],
    { value: [{ destination: { address: "198.51.100.9", length: 32 }, router: "192.0.2.1" }] },
  ],
  ["default route", [0, 0, 0, 0, 192, 0, 2, 1], { why: "0.0.0.0 as a destination" }],
  ["short", [198, 51, 100, 9], { why: "4 bytes, a multiple of 8 needed" }],
  ["empty", [], { why: "0 bytes, a multiple of 8 needed" }],
  ["long", [198, 51, 100, 9, 192, 0, 2, 1, 0], { why: "9 bytes, a multiple of 8 needed" }],
  ["absent", undefined, {}],
])("option 33, static routes: %s", (_, bytes, expected) => {
  expect(readOption("staticRoutes", 33, bytes)).toStrictEqual(expected);
});

test("option 33, static routes: emitted", () => {
  expect([
    ...staticRoutes.emit([
      {
        destination: { address: must(parseIp4("198.51.100.9")), length: 32 },
        router: must(parseIp4("192.0.2.1")),
      },
    ]),
  ]).toEqual([198, 51, 100, 9, 192, 0, 2, 1]);
});
