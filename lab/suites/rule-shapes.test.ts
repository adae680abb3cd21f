import { expect, test } from "vitest";
import { networkOf } from "../../src/base/cidr4.ts";
import { type Ip4, ip4FromNumber, ip4ToNumber } from "../../src/base/ip4.ts";
import type { Rule } from "../../src/plan/resource.ts";
import { listRules, treeRules } from "./rule-shapes.ts";

const lan = networkOf("10.20.0.0" as Ip4, 20);
const ips = [10, 11, 2047, 2048, 4081].map((n) => ip4FromNumber(ip4ToNumber(lan.address) + n));
const tables = new Map(ips.map((ip, n) => [ip, 1_000_000 + n]));

test("LANs of odd size take the odd bit first", () => {
  const odd = networkOf("10.20.0.0" as Ip4, 21);
  const rules = treeRules(odd, "eth1", new Map([...tables].slice(0, 3)), 2);
  const first = rules.filter(({ from, not }) => from && !not).slice(0, 2);
  expect(first.map(({ preference, from }) => [preference, from?.length])).toEqual([
    [10_010, 22],
    [10_011, 22],
  ]);
});

test.each([1, 2, 3, 4])("%i bits a step lead each device to its table and no other address", (stepBits) => {
  const rules = new Map(treeRules(lan, "eth1", tables, stepBits).map((rule) => [rule.preference, rule]));
  for (const ip of [...ips, ip4FromNumber(ip4ToNumber(lan.address) + 12)])
    expect(walk(rules, ip)).toBe(tables.get(ip) ?? "unreachable");
});

/** The first rule whose block holds the address, and on from where it leads. */
function walk(rules: ReadonlyMap<number, Rule>, ip: Ip4): number | string {
  let at = 10_010;
  for (let looked = 0; looked < 100; looked++) {
    const rule = rules.get(at);
    if (rule?.from === undefined) throw new Error(`no rule ${at}`);
    const hit = networkOf(ip, rule.from.length).address === rule.from.address;
    if (!hit) at++;
    else if (rule.action.to === "goto") at = rule.action.preference;
    else return rule.action.to === "lookup" ? rule.action.table : rule.action.to;
  }
  throw new Error("no end");
}

test("the list has one rule a device, in order", () => {
  const own = listRules(lan, "eth1", tables).filter((rule) => rule.from?.length === 32);
  expect(own.map((rule) => [rule.preference, rule.from?.address])).toEqual(
    ips.map((ip, n) => [10_010 + n, ip]),
  );
});
