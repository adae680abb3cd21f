import { expect, test } from "vitest";
import { sample } from "../../plan/sample.fixture.ts";
import { outcomeOf } from "./outcome.ts";

const desired = sample();
const camera = "gw001122334451";
const printer = "gw001122334452";

test.each([
  ["nothing", [], [true, true], [true, true]],
  ["the guards", ["ruleset"], [false, false], [false, false]],
  ["translation", ["elements"], [true, true], [false, false]],
  ["a rule on the way", ["rule 32700 |||eth1 type unreachable"], [true, true], [false, false]],
  ["one's interface", [`identity ${camera}`], [false, true], [false, true]],
  ["one's address", [`address ${camera} 192.0.2.10`], [true, true], [false, true]],
  ["one's route", ["route 1000002 0.0.0.0/0"], [true, true], [false, true]],
  ["the router's entry", [`neighbour ${camera} 192.0.2.1`], [true, true], [false, true]],
  ["a setting of the port", ["sysctl net/ipv4/conf/eth1/forwarding"], [true, true], [true, true]],
])("when %s failed", (_, keys, present, complete) => {
  for (const key of keys) expect(desired.has(key) || key === "elements").toBe(true);
  const outcome = outcomeOf({ desired, failures: keys.map((key) => ({ key, message: "no" })) });
  expect([camera, printer].map(outcome.present)).toEqual(present);
  expect([camera, printer].map(outcome.complete)).toEqual(complete);
});
