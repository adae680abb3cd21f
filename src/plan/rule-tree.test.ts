import fc from "fast-check";
import { expect, test } from "vitest";
import { type Cidr4, contains, networkOf } from "../base/cidr4.ts";
import { type Ip4, ip4FromNumber, ip4ToNumber } from "../base/ip4.ts";
import { lanPrefix } from "../config/kinds.ts";
import { rulePreferences } from "./marks.ts";
import { type Rule, resourceKey } from "./resource.ts";
import { planRuleTree } from "./rule-tree.ts";

interface Packet {
  readonly from: Ip4;
  readonly to: Ip4;
  readonly iif: string;
}
interface Walk {
  readonly verdict: number | "main" | "default" | "unreachable";
  /** Rules the kernel looked at on the way. */
  readonly looked: number;
}

const matches = (rule: Rule, { from, to, iif }: Packet): boolean => {
  const all =
    (!rule.from || contains(rule.from, from)) &&
    (!rule.destination || contains(rule.destination, to)) &&
    (!rule.iif || rule.iif === iif);
  return all !== (rule.not ?? false);
};

/** As fib_rules_lookup does: in order of preference, `goto` only forward and only to a rule that is there. */
function walk(rules: readonly Rule[], packet: Packet): Walk {
  const ordered = [...rules].sort((a, b) => a.preference - b.preference);
  let looked = 0;
  for (let at = 0; at < ordered.length; at++) {
    const rule = ordered[at] as Rule;
    looked++;
    if (!matches(rule, packet)) continue;
    const { action } = rule;
    if (action.to === "lookup") return { verdict: action.table, looked };
    if (action.to === "unreachable") return { verdict: "unreachable", looked };
    if (action.to === "nop") continue;
    const target = ordered.findIndex((r) => r.preference === action.preference);
    if (target <= at) throw new Error(`goto ${action.preference} leads nowhere`);
    at = target - 1;
  }
  return { verdict: "main", looked };
}

const far = "203.0.113.9" as Ip4;
const levels = (lan: Cidr4): number => Math.ceil((32 - lan.length) / 2);

const lans = fc
  .tuple(fc.integer(lanPrefix), fc.nat(0xffffff))
  .map(([length, n]) => networkOf(ip4FromNumber(0x0a000000 + n), length));
/** A LAN, some of its addresses with their tables, and one address of any kind. */
const networks = lans.chain((lan) => {
  const size = 2 ** (32 - lan.length);
  const address = fc.nat(size - 1).map((n) => ip4FromNumber(ip4ToNumber(lan.address) + n));
  return fc.record({
    lan: fc.constant(lan),
    devices: fc.uniqueArray(address, { maxLength: 40 }),
    other: address,
  });
});
const tablesOf = (lan: Cidr4, devices: readonly Ip4[]): Map<Ip4, number> =>
  new Map(devices.map((ip) => [ip, 1_000_000 + ip4ToNumber(ip) - ip4ToNumber(lan.address)]));

test("each device finds its own table, any other LAN address finds nothing, in few steps", () => {
  fc.assert(
    fc.property(networks, ({ lan, devices, other }) => {
      const tables = tablesOf(lan, devices);
      const rules = planRuleTree(lan, "eth1", tables);
      for (const from of [...devices, other]) {
        const { verdict, looked } = walk(rules, { from, to: far, iif: "eth1" });
        expect(verdict).toBe(tables.get(from) ?? "unreachable");
        expect(looked).toBeLessThanOrEqual(4 * levels(lan) + 3);
      }
    }),
    { numRuns: 500 },
  );
});

test("LAN to LAN is the main table's, a stranger's address on the LAN is nobody's, the rest passes by", () => {
  fc.assert(
    fc.property(networks, ({ lan, devices, other }) => {
      const rules = planRuleTree(lan, "eth1", tablesOf(lan, devices));
      for (const from of [...devices, other]) {
        expect(walk(rules, { from, to: other, iif: "eth1" }).verdict).toBe("main");
        const fromElsewhere = walk(rules, { from, to: far, iif: "gw001122334455" });
        expect(fromElsewhere).toEqual({ verdict: "main", looked: 3 });
      }
      expect(walk(rules, { from: far, to: far, iif: "eth1" }).verdict).toBe("unreachable");
      expect(walk(rules, { from: far, to: other, iif: "lo" }).verdict).toBe("main");
    }),
  );
});

test("preferences are unique and stay inside their range, also in the largest LAN", () => {
  fc.assert(
    fc.property(networks, ({ lan, devices }) => {
      const last = ip4FromNumber(ip4ToNumber(lan.address) + 2 ** (32 - lan.length) - 1);
      const preferences = planRuleTree(lan, "eth1", tablesOf(lan, [...devices, last])).map(
        (r) => r.preference,
      );
      expect(new Set(preferences).size).toBe(preferences.length);
      const { skip, foreign, closed, end, hairpin, tree } = rulePreferences;
      const inTree = preferences.filter((p) => ![skip, foreign, closed, end, hairpin].includes(p as never));
      expect(Math.min(...inTree)).toBe(tree);
      expect(Math.max(...inTree)).toBeLessThan(closed);
    }),
  );
});

test("one device that comes or goes touches only the rules on its path", () => {
  fc.assert(
    fc.property(networks, ({ lan, devices, other }) => {
      const without = devices.filter((ip) => ip !== other);
      const keys = (ips: readonly Ip4[]): Set<string> =>
        new Set(planRuleTree(lan, "eth1", tablesOf(lan, ips)).map(resourceKey));
      const before = keys(without);
      const after = keys([...without, other]);
      const changed = [...before].filter((k) => !after.has(k)).length;
      const added = [...after].filter((k) => !before.has(k)).length;
      expect(added).toBeGreaterThan(0);
      expect(added + changed).toBeLessThanOrEqual(2 * levels(lan) * 4);
    }),
  );
});

test("two devices in a /29, rule by rule", () => {
  const lan = networkOf("192.168.1.0" as Ip4, 29);
  const rules = planRuleTree(lan, "eth1", tablesOf(lan, ["192.168.1.2" as Ip4, "192.168.1.5" as Ip4]));
  expect(rules.map(resourceKey)).toMatchInlineSnapshot(`
    [
      "rule 10000 ||192.168.1.0/29|eth1 lookup main",
      "rule 10001 not|||eth1 goto 32701",
      "rule 10002 not|192.168.1.0/29|| type unreachable",
      "rule 32700 |||eth1 type unreachable",
      "rule 32701 ||| type nop",
      "rule 10010 |192.168.1.0/30|| goto 10012",
      "rule 10011 |192.168.1.4/30|| goto 10016",
      "rule 10012 |192.168.1.0/32|| type unreachable",
      "rule 10013 |192.168.1.1/32|| type unreachable",
      "rule 10014 |192.168.1.2/32|| lookup 1000002",
      "rule 10015 |192.168.1.3/32|| type unreachable",
      "rule 10016 |192.168.1.4/32|| type unreachable",
      "rule 10017 |192.168.1.5/32|| lookup 1000005",
      "rule 10018 |192.168.1.6/32|| type unreachable",
      "rule 10019 |192.168.1.7/32|| type unreachable",
    ]
  `);
});
