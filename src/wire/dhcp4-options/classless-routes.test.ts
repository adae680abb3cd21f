import { expect, test } from "vitest";
import { parseIp4 } from "../../base/ip4.ts";
import { must } from "../../base/parsed.ts";
import { classlessRoutes } from "./classless-routes.ts";
import { readOption } from "./read-option.fixture.ts";

test.each([
  [
    "present",
    [24, 198, 51, 100, 192, 0, 2, 1],
    { value: [{ destination: { address: "198.51.100.0", length: 24 }, router: "192.0.2.1" }] },
  ],
  [
    "default and on-link",
    [0, 192, 0, 2, 1, 9, 10, 128, 0, 0, 0, 0],
    {
      value: [
        { destination: { address: "0.0.0.0", length: 0 }, router: "192.0.2.1" },
        { destination: { address: "10.128.0.0", length: 9 }, router: "0.0.0.0" },
      ],
    },
  ],
  [
    "host",
    [32, 10, 1, 2, 3, 192, 0, 2, 1],
    { value: [{ destination: { address: "10.1.2.3", length: 32 }, router: "192.0.2.1" }] },
  ],
  [
    "bits beyond the prefix",
    [9, 10, 255, 192, 0, 2, 1],
    { value: [{ destination: { address: "10.128.0.0", length: 9 }, router: "192.0.2.1" }] },
  ],
  ["prefix length 33", [33, 10, 1, 2, 3, 4, 192, 0, 2, 1], { why: "prefix length 33" }],
  ["short", [24, 198, 51, 100, 192, 0, 2], { why: "ends after 7 bytes, 8 needed" }],
  ["empty", [], { why: "empty" }],
  ["long", [24, 198, 51, 100, 192, 0, 2, 1, 0], { why: "ends after 9 bytes, 13 needed" }],
  [
    "in parts",
    Array.from({ length: 60 }, () => [0, 192, 0, 2, 1]).flat(),
    {
      value: Array.from({ length: 60 }, () => ({
        destination: { address: "0.0.0.0", length: 0 },
        router: "192.0.2.1",
      })),
    },
  ],
  ["absent", undefined, {}],
])("option 121, classless routes: %s", (_, bytes, expected) => {
  expect(readOption("classlessRoutes", 121, bytes)).toStrictEqual(expected);
});

test("option 121, classless routes: emitted", () => {
  expect([
    ...classlessRoutes.emit([
      {
        destination: { address: must(parseIp4("10.128.0.0")), length: 9 },
        router: must(parseIp4("192.0.2.1")),
      },
    ]),
  ]).toEqual([9, 10, 128, 192, 0, 2, 1]);
});
