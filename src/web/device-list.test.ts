import { expect, test } from "vitest";
import type { DeviceJson } from "../api/contract.ts";
import { addresses6, countStatuses, matches, type Sorting, sortDevices } from "./device-list.ts";

const device = (n: number, changes: Partial<DeviceJson> = {}): DeviceJson => ({
  mac_address: `02:00:5e:10:00:0${n}`,
  ipv4_address: `192.168.1.${n}`,
  ipv4_wan_address: null,
  ipv6_address: null,
  status: "active",
  reason: null,
  hostname: null,
  discovered_at: null,
  last_seen: null,
  ...changes,
});

const order = (devices: readonly DeviceJson[], sorting: Sorting): string =>
  sortDevices(devices, sorting)
    .map((d) => d.mac_address.at(-1))
    .join("");

test("addresses are in the order of their numbers, both ways", () => {
  const some = [
    device(1, { ipv4_address: "192.168.1.100" }),
    device(2, { ipv4_address: "192.168.1.20" }),
    device(3, { ipv4_address: "192.168.1.3" }),
  ];
  expect(order(some, { key: "lan", descending: false })).toBe("321");
  expect(order(some, { key: "lan", descending: true })).toBe("123");
});

test("those without a name come last either way, and equal ones are in the order of their MACs", () => {
  const some = [device(4), device(1), device(3, { hostname: "Beta" }), device(2, { hostname: "alpha" })];
  expect(order(some, { key: "host", descending: false })).toBe("2314");
  expect(order(some, { key: "host", descending: true })).toBe("3214");
});

test("by status those come first that need somebody", () => {
  const some = [device(1), device(2, { status: "inactive" }), device(3, { status: "failed" })];
  expect(order(some, { key: "status", descending: false })).toBe("312");
});

test.each([
  ["camera", true],
  ["CAMERA 192.168", true],
  ["camera printer", false],
  ["02-00-5E-10-00-01", true],
  ["0200.5e10.0001", true],
  ["5e10", true],
  ["registered", true],
  ["", true],
])("search for %j", (search, expected) => {
  const one = device(1, { hostname: "Camera-4", reason: "is this MAC registered?" });
  expect(matches(one, search)).toBe(expected);
});

test("counts of each status", () => {
  expect(countStatuses([device(1), device(2, { status: "failed" }), device(3)])).toEqual({
    ...{ active: 2, failed: 1, pending: 0, discovering: 0, inactive: 0 },
  });
});

test("several IPv6 addresses", () => {
  expect(addresses6({ ipv6_address: "2001:db8::1,2001:db8::2" })).toEqual(["2001:db8::1", "2001:db8::2"]);
  expect(addresses6({ ipv6_address: null })).toEqual([]);
});
