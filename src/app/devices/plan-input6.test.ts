import { expect, test } from "vitest";
import { camera, deviceAt, lease6At, printer } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { parseCidr6 } from "../../base/cidr6.ts";
import { parseIp6 } from "../../base/ip6.ts";
import { must } from "../../base/parsed.ts";
import { plus, seconds, type WallTime } from "../../base/time.ts";
import type { Address6Fact } from "../../plan/desired6.ts";
import { blank, type Device, type OwnAddress6 } from "./device.ts";
import { ipv6Plan, lender6, ownAddresses6, resolvers6 } from "./plan-input6.ts";

const clock = new FakeClock();
const ip6 = (text: string) => must(parseIp6(text));
const fact = (ip: string, state: Address6Fact["state"], origin: Address6Fact["origin"] = "slaac") => ({
  ip: ip6(ip),
  length: origin === "leased" ? 128 : 64,
  origin,
  state,
});
const facts = [
  fact("fe80::1", "usable", "link-local"),
  fact("2001:db8:1::1", "usable"),
  fact("2001:db8:2::1", "deprecated"),
  fact("2001:db8:3::1", "tentative"),
  fact("2001:db8:4::1", "duplicate"),
  fact("2001:db8:1::57", "usable", "leased"),
];
/** Nothing is advertised. */
const quiet = { routers: [], onLink: [] };
const withdrawn = [must(parseCidr6("2001:db8:2::/64"))];
const holding = (addresses: readonly OwnAddress6[], over: Partial<Device> = {}): Device =>
  deviceAt(clock, { ipv6: { ...blank.ipv6, addresses, installed: true }, ...over });

test("what the kernel made is kept once it is good, unless its prefix was withdrawn", () => {
  expect(ipv6Plan(deviceAt(clock), facts, [], clock.now()).slaac).toEqual(["2001:db8:1::1", "2001:db8:2::1"]);
  expect(ipv6Plan(deviceAt(clock), facts, withdrawn, clock.now()).slaac).toEqual(["2001:db8:1::1"]);
});

test("leased addresses are wanted while they are valid, as deprecated ones past their preferred time", () => {
  const lease = lease6At(clock.now());
  const device = deviceAt(clock, { ipv6: { ...blank.ipv6, dhcp: { tag: "leased", lease } } });
  const leasedAt = (at: number) => ipv6Plan(device, [], [], plus(clock.now(), seconds(at))).leased;
  const address = "2001:db8:1::57";
  expect(leasedAt(0)).toEqual([{ address, deprecated: false }]);
  expect(leasedAt(1800)).toEqual([{ address, deprecated: true }]);
  expect(leasedAt(3600)).toEqual([]);
});

test("a device shows its addresses beyond the link, also those in trouble, not those about to go", () => {
  expect(ownAddresses6(facts, withdrawn)).toEqual([
    { ip: "2001:db8:1::1", origin: "slaac", state: "usable" },
    { ip: "2001:db8:1::57", origin: "leased", state: "usable" },
    { ip: "2001:db8:3::1", origin: "slaac", state: "tentative" },
    { ip: "2001:db8:4::1", origin: "slaac", state: "duplicate" },
  ]);
});

test("the longest known device with a usable address lends its identity", () => {
  const at = (n: number): Partial<Device> => ({ discoveredAt: (clock.wall() + n) as WallTime });
  const usable = ownAddresses6([fact("2001:db8:1::1", "usable")], []);
  const deprecated = ownAddresses6([fact("2001:db8:1::1", "deprecated")], []);
  const devices = [
    holding(deprecated, at(1)),
    holding(usable, { mac: printer, ...at(5) }),
    holding(usable, at(9)),
  ];
  expect(lender6(devices, quiet)).toBe(printer);
  expect(lender6(devices.slice(0, 1), quiet)).toBeUndefined();
});

test("where prefixes are advertised, nobody lends who has an address of no such prefix only", () => {
  const left = holding(ownAddresses6([fact("2001:db8:2::57", "usable", "leased")], []));
  const onLink = [must(parseCidr6("2001:db8:1::/64"))];
  expect(lender6([left], quiet)).toBe(left.mac);
  expect(lender6([left], { routers: [], onLink })).toBeUndefined();
  const usable = holding(ownAddresses6([fact("2001:db8:1::1", "usable")], []), { mac: printer });
  expect(lender6([left, usable], { routers: [], onLink })).toBe(printer);
});

test("name servers come with the lease and on request", () => {
  const lease = lease6At(clock.now(), { dnsServers: [ip6("2001:db8::53")] });
  const information = { dnsServers: [ip6("2001:db8::54")], domainSearch: [], ntpServers: [] };
  const ipv6 = { ...blank.ipv6, dhcp: { tag: "leased", lease } as const, information };
  expect(resolvers6(deviceAt(clock, { mac: camera, ipv6 }))).toEqual(["2001:db8::53", "2001:db8::54"]);
});
