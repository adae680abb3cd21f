import { expect, test } from "vitest";
import { planForwards, type ReachableDevice } from "./forwards.ts";
import { camera, ip, ip6 } from "./sample.fixture.ts";

const device: ReachableDevice = {
  mac: camera.mac,
  lanIp: ip("192.168.1.2"),
  auto: false,
  exceptions: [],
  // The WAN port's own among them.
  addresses4: [ip("192.0.2.10"), ip("192.0.2.99")],
  addresses6: [ip6("2001:db8:1::10")],
};
const openTo = (...from: string[]): string[] =>
  planForwards(
    [{ ...device, open: { from, addresses4: [ip("192.0.2.10")], addresses6: [ip6("2001:db8:1::10")] } }],
    [],
  ).map(({ set, key, value }) => [set, key, value].filter(Boolean).join(" | "));

test("an open device: its own addresses with those who may, by IPv6 to its inner address", () => {
  expect(openTo("192.0.2.0/24", "::/0", "198.51.100.7")).toEqual([
    "target4 | 192.0.2.10 | 192.168.1.2",
    "open4 | 192.0.2.10 . 192.0.2.0/24",
    "open4 | 192.0.2.10 . 198.51.100.7",
    "target6 | 2001:db8:1::10 | fd2c:81a7:464::c0a8:102",
    "open6 | 2001:db8:1::10 . ::/0",
  ]);
});

test("a family that nobody may come by stays closed", () => {
  expect(openTo("2001:db8::/32").filter((line) => line.includes("4 |"))).toEqual([]);
  expect(planForwards([device], [])).toEqual([]);
});
