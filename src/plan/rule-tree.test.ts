import fc from "fast-check";
import { expect, test } from "vitest";
import { type Cidr4, contains, networkOf } from "../base/cidr4.ts";
import { type Ip4, ip4FromNumber, ip4ToNumber } from "../base/ip4.ts";
import { lanPrefix } from "../config/kinds.ts";
import { diff } from "./diff.ts";
import { rulePreferences } from "./marks.ts";
import { renderIp } from "./render.ts";
import { type Rule, resourceKey } from "./resource.ts";
import { planRuleTree, RuleTree } from "./rule-tree.ts";

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
/** How often the LAN is halved until groups are left. */
const levels = (lan: Cidr4): number => Math.max(0, 29 - lan.length);
/** Of a group, its stop included. */
const groupRules = 9;
/** What stands around the tree and is met by whoever comes from the LAN. */
const frameRules = 3;

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
        if (tables.size > 0) expect(looked).toBeLessThanOrEqual(frameRules + levels(lan) + groupRules);
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
      expect(Math.min(...inTree)).toBeGreaterThanOrEqual(tree);
      expect(Math.max(...inTree)).toBeLessThan(closed);
    }),
  );
});

const keyed = (rules: readonly Rule[]): Map<string, Rule> => new Map(rules.map((r) => [resourceKey(r), r]));

test("one device that comes or goes touches only the rules on its path", () => {
  fc.assert(
    fc.property(networks, ({ lan, devices, other }) => {
      const tree = new RuleTree(lan, "eth1");
      for (const [ip, table] of tablesOf(
        lan,
        devices.filter((ip) => ip !== other),
      ))
        tree.set(ip, table);
      const look = () => ({ all: keyed(tree.rules()), path: keyed(tree.path(other)) });
      const before = look();
      tree.set(other, 1_000_000);
      const after = look();
      for (const { all, path } of [before, after])
        for (const [key, rule] of path) expect(all.get(key)).toEqual(rule);
      expect(after.path.size).toBe(levels(lan) + 2);
      const aside = ({ all }: typeof before) => [...all].filter(([key]) => !after.path.has(key));
      const stale = [...before.path.keys()].filter((key) => !after.all.has(key));
      expect(aside(before).filter(([key]) => !stale.includes(key))).toEqual(aside(after));
      tree.set(other, undefined);
      expect(look()).toEqual(before);
    }),
  );
});

test("a goto leads to a rule that is there", () => {
  fc.assert(
    fc.property(networks, ({ lan, devices }) => {
      const rules = planRuleTree(lan, "eth1", tablesOf(lan, devices));
      const there = new Set(rules.map((r) => r.preference));
      for (const { action, preference } of rules) {
        if (action.to !== "goto") continue;
        expect(action.preference).toBeGreaterThan(preference);
        expect(there).toContain(action.preference);
      }
    }),
  );
});

test("while rules change one after the other, nobody leaves by another's table, and who stays keeps its own but at a replaced step", () => {
  fc.assert(
    fc.property(networks, fc.boolean(), ({ lan, devices, other }, comes) => {
      const without = tablesOf(
        lan,
        devices.filter((ip) => ip !== other),
      );
      const withOther = new Map([...without, [other, 1_000_000 + levels(lan)] as const]);
      const [before, after] = comes ? [without, withOther] : [withOther, without];
      const plan = (tables: ReadonlyMap<Ip4, number>): Rule[] => planRuleTree(lan, "eth1", tables);
      const now = plan(before);
      for (const { kind, rule } of changes(now, plan(after))) {
        if (kind === "add")
          now.splice(now.findLastIndex((r) => r.preference <= rule.preference) + 1, 0, rule);
        else now.splice(now.indexOf(rule), 1);
        for (const [from, table] of without) {
          const verdict = looseWalk(now, { from, to: far, iif: "eth1" });
          expect(kind === "replace" ? [table, "unreachable"] : [table]).toContain(verdict);
        }
        expect([withOther.get(other), "unreachable"]).toContain(
          looseWalk(now, { from: other, to: far, iif: "eth1" }),
        );
      }
    }),
  );
});

interface Change {
  /** `replace` is the deletion that an addition follows at once. */
  readonly kind: "add" | "delete" | "replace";
  readonly rule: Rule;
}

/** In the order in which a diff is carried out. */
const changes = (was: readonly Rule[], wanted: readonly Rule[]): Change[] =>
  diff(keyed(wanted), was).flatMap((action): Change[] => {
    if (action.resource.kind !== "rule") return [];
    const rule = action.resource;
    if (action.kind === "delete") return [{ kind: "delete", rule }];
    const there = was.find((r) => r === action.was);
    return there
      ? [
          { kind: "replace", rule: there },
          { kind: "add", rule },
        ]
      : [{ kind: "add", rule }];
  });

/** As the kernel does where a `goto` leads to no rule: it is passed over. */
const looseWalk = (rules: readonly Rule[], packet: Packet): Walk["verdict"] => {
  const there = new Set(rules.map((r) => r.preference));
  const resolved = rules.map((rule): Rule => {
    const isLost = rule.action.to === "goto" && !there.has(rule.action.preference);
    return isLost ? { ...rule, action: { to: "nop" } } : rule;
  });
  return walk(resolved, packet).verdict;
};

test("a full /20 asks a packet for 14 rules of the tree on average", () => {
  const lan = networkOf("10.20.0.0" as Ip4, 20);
  const all = Array.from({ length: 4096 }, (_, n) => ip4FromNumber(ip4ToNumber(lan.address) + n));
  const rules = planRuleTree(lan, "eth1", tablesOf(lan, all));
  const looked = all.slice(0, 512).map((from) => walk(rules, { from, to: far, iif: "eth1" }).looked);
  expect(looked.reduce((a, b) => a + b) / looked.length - frameRules).toBe(9 + 4.5);
  expect(rules.length - 5).toBe(511 + 4096 + 512);
});

test.each([
  [18, 20_479],
  [20, 5_119],
  [24, 319],
  [29, 9],
  [30, 5],
])("a full /%i takes %i preferences", (length, size) => {
  const lan = networkOf("10.64.0.0" as Ip4, length);
  const last = ip4FromNumber(ip4ToNumber(lan.address) + 2 ** (32 - length) - 1);
  const tree = new RuleTree(lan, "eth1");
  tree.set(last, 1_000_000);
  expect(tree.rules().at(-1)?.preference).toBe(rulePreferences.tree + size - 1);
});

test("two devices in a /29, rule by rule", () => {
  const lan = networkOf("192.168.1.0" as Ip4, 29);
  const rules = planRuleTree(lan, "eth1", tablesOf(lan, ["192.168.1.2" as Ip4, "192.168.1.5" as Ip4]));
  expect(rules.map((resource) => renderIp({ kind: "put", resource })[0])).toMatchInlineSnapshot(`
    [
      "rule add pref 10000 to 192.168.1.0/29 iif eth1 lookup main protocol 71",
      "rule add pref 10001 not iif eth1 goto 32701 protocol 71",
      "rule add pref 10002 not from 192.168.1.0/29 type unreachable protocol 71",
      "rule add pref 32700 iif eth1 type unreachable protocol 71",
      "rule add pref 32701 type nop protocol 71",
      "rule add pref 10012 from 192.168.1.2/32 lookup 1000002 protocol 71",
      "rule add pref 10015 from 192.168.1.5/32 lookup 1000005 protocol 71",
      "rule add pref 10018 iif eth1 type unreachable protocol 71",
    ]
  `);
});

test("four devices in a /27, rule by rule: an unused half, and a group that does not begin with its first address", () => {
  const lan = networkOf("192.168.1.0" as Ip4, 27);
  const ips = [2, 3, 29, 30].map((n) => `192.168.1.${n}` as Ip4);
  const rules = new RuleTree(lan, "eth1");
  for (const [ip, table] of tablesOf(lan, ips)) rules.set(ip, table);
  expect(rules.rules().map((resource) => renderIp({ kind: "put", resource })[0])).toMatchInlineSnapshot(`
    [
      "rule add pref 10010 from 192.168.1.16/28 goto 10030 protocol 71",
      "rule add pref 10011 from 192.168.1.8/29 type unreachable protocol 71",
      "rule add pref 10014 from 192.168.1.2/32 lookup 1000002 protocol 71",
      "rule add pref 10015 from 192.168.1.3/32 lookup 1000003 protocol 71",
      "rule add pref 10020 iif eth1 type unreachable protocol 71",
      "rule add pref 10030 from 192.168.1.24/29 goto 10045 protocol 71",
      "rule add pref 10045 from 192.168.1.29/32 lookup 1000029 protocol 71",
      "rule add pref 10046 from 192.168.1.30/32 lookup 1000030 protocol 71",
      "rule add pref 10048 iif eth1 type unreachable protocol 71",
    ]
  `);
});
