import { expect, test } from "vitest";
import { parseCidr4 } from "../base/cidr4.ts";
import { ip4FromNumber, ip4ToNumber } from "../base/ip4.ts";
import { must } from "../base/parsed.ts";
import { lanIpOf, tableOf } from "./device-table.ts";

const lan = must(parseCidr4("10.20.0.0/18"));
const ips = Array.from({ length: 2 ** 14 }, (_, n) => ip4FromNumber(ip4ToNumber(lan.address) + n));

test("each address has a table of its own, which tells the address", () => {
  const tables = ips.map((ip) => tableOf(lan, ip));
  expect(new Set(tables).size).toBe(ips.length);
  expect(tables.map((table) => lanIpOf(lan, table))).toEqual(ips);
  expect(tables.slice(0, 3)).toEqual([1_000_000, 1_000_001, 1_000_002]);
});

test("none is in one of the kernel's lists that every packet goes through", () => {
  const used = new Set(ips.map((ip) => tableOf(lan, ip) % 256));
  expect([used.size, used.has(253), used.has(254), used.has(255)]).toEqual([253, false, false, false]);
});

test.each([254, 255, 999_998, 999_999, 1_000_189, 1_000_191, 1_100_000])("%i is no device's", (table) => {
  expect(lanIpOf(lan, table)).toBeUndefined();
});
