import { expect, test } from "vitest";
import { parseMac } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { duidLl, iaidOf } from "./duid.ts";

const mac = must(parseMac("f0:11:e2:d3:c4:b5"));

test("DUID-LL: type 3, Ethernet, the MAC", () => {
  expect(duidLl(mac)).toEqual(Uint8Array.of(0, 3, 0, 1, 0xf0, 0x11, 0xe2, 0xd3, 0xc4, 0xb5));
});

test("IAID: the last four octets of the MAC, unsigned", () => {
  expect(iaidOf(mac)).toBe(0xe2d3c4b5);
});
