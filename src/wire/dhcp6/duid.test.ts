import { expect, test } from "vitest";
import { parseMac } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { duidLl, duidText, iaidOf } from "./duid.ts";

const mac = must(parseMac("f0:11:e2:d3:c4:b5"));

test("DUID-LL: type 3, Ethernet, the MAC", () => {
  expect(duidLl(mac)).toEqual(Uint8Array.of(0, 3, 0, 1, 0xf0, 0x11, 0xe2, 0xd3, 0xc4, 0xb5));
});

test("IAID: the last four octets of the MAC, unsigned", () => {
  expect(iaidOf(mac)).toBe(0xe2d3c4b5);
});

test("a DUID as text, of any type and length", () => {
  expect(duidText(duidLl(mac))).toBe("00:03:00:01:f0:11:e2:d3:c4:b5");
  expect(duidText(Uint8Array.of(0, 4, 0xff))).toBe("00:04:ff");
});
