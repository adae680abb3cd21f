import { expect, test } from "vitest";
import { mac } from "../../plan/sample.fixture.ts";
import { cidr6, ip6 } from "./advert.fixture.ts";
import { type Doubts, isLeftBehind } from "./left-behind.ts";
import { type Network6, nothingHeard } from "./network.ts";

const address = ip6("2001:db8:1::10");
const one = cidr6("2001:db8:1::/64");
const two = cidr6("2001:db8:2::/64");
const sure: Doubts = { anotherLink: false, accepted: [] };
const unsure: Doubts = { anotherLink: true, accepted: [] };

const network = (prefix: typeof one | undefined, more: Partial<Network6> = {}): Network6 => ({
  ...nothingHeard,
  heard: true,
  routers: [
    {
      address: ip6("fe80::1"),
      mac: mac("00:aa:00:00:00:01"),
      preference: "medium",
      prefixes: prefix ? [prefix] : [],
      onLink: prefix ? [prefix] : [],
    },
  ],
  onLink: prefix ? [prefix] : [],
  ...more,
});

test.each<[string, boolean, readonly Parameters<typeof isLeftBehind>[0][number][], Network6, Doubts]>([
  ["nothing leased", false, [], network(two, { withdrawn: [one] }), unsure],
  ["its prefix was withdrawn", true, [address], network(two, { withdrawn: [one] }), sure],
  [
    "one of its prefixes was",
    false,
    [address, ip6("2001:db8:2::1")],
    network(two, { withdrawn: [one] }),
    sure,
  ],
  ["given after that", false, [address], network(two, { withdrawn: [one] }), { ...sure, accepted: [one] }],
  [
    "another prefix, nobody announces DHCPv6, after a change of the link",
    true,
    [address],
    network(two),
    unsure,
  ],
  ["the same, the link has not changed", false, [address], network(two), sure],
  ["the same, DHCPv6 announced", false, [address], network(two, { managed: true }), unsure],
  ["no prefix advertised at all", false, [address], network(undefined), unsure],
  ["no router", false, [address], { ...network(two), routers: [] }, unsure],
  ["its own prefix", false, [address], network(one), unsure],
])("%s", (_, expected, addresses, seen, doubts) => {
  expect(isLeftBehind(addresses, seen, doubts)).toBe(expected);
});
