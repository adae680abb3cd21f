import { expect, test } from "vitest";
import { dual, prefixes, sample6, printer as second, slaacOf } from "../../plan/sample.fixture.ts";
import { outcomeOf } from "./outcome.ts";

const both = { ...second, ipv6: { leased: [], slaac: [slaacOf(second, prefixes[0])] } };
const desired = sample6([dual, both]);
const camera = "gw001122334451";
const printer = "gw001122334452";

const yes = [true, true];
const no = [false, false];
const notFirst = [false, true];

test.each([
  ["nothing", [], yes, yes, yes],
  ["the guards", ["ruleset"], no, no, no],
  ["translation", ["elements"], yes, no, yes],
  ["a rule on the way", ["rule 32700 |||eth1 type unreachable"], yes, no, yes],
  ["one's interface", [`identity ${camera}`], notFirst, notFirst, notFirst],
  ["one's address", [`address ${camera} 192.0.2.10`], yes, notFirst, yes],
  ["one's route", ["route 1000002 0.0.0.0/0"], yes, notFirst, yes],
  ["the router's entry", [`neighbour ${camera} 192.0.2.1`], yes, notFirst, yes],
  ["one's IPv6 address", [`address6 ${camera} 2001:db8:1::77`], yes, yes, notFirst],
  ["one's IPv6 route", ["route6 999998 ::/0 2001:db8:1::77"], yes, yes, notFirst],
  ["the IPv6 router's entry", [`neighbour6 ${camera} fe80::2aa:ff:fe00:1`], yes, yes, notFirst],
  ["the IPv6 rule", ["rule6 10000  999998"], yes, yes, no],
  ["a setting of the port", ["sysctl net/ipv4/conf/eth1/forwarding"], yes, yes, yes],
])("when %s failed", (_, keys, present, complete, complete6) => {
  for (const key of keys) expect(desired.has(key) || key === "elements").toBe(true);
  const outcome = outcomeOf({ desired, failures: keys.map((key) => ({ key, message: "no" })) });
  expect([camera, printer].map(outcome.present)).toEqual(present);
  expect([camera, printer].map(outcome.complete)).toEqual(complete);
  expect([camera, printer].map(outcome.complete6)).toEqual(complete6);
});
