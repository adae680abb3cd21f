/** Other forms of the rules that lead a LAN address to its table, to be measured beside the gateway's own; for the bench. */
import { type Cidr4, networkOf } from "../../src/base/cidr4.ts";
import { type Ip4, ip4FromNumber, ip4ToNumber } from "../../src/base/ip4.ts";
import { rulePreferences } from "../../src/plan/marks.ts";
import type { Rule, RuleAction } from "../../src/plan/resource.ts";
import { planRuleTree } from "../../src/plan/rule-tree.ts";

export type Tables = ReadonlyMap<Ip4, number>;

const inTree = ({ preference }: Rule): boolean =>
  preference >= rulePreferences.tree && preference < rulePreferences.closed;

/** What stands before and behind the tree. */
const frameOf = (lan: Cidr4, lanPort: string): Rule[] =>
  planRuleTree(lan, lanPort, new Map()).filter((rule) => !inTree(rule));

/** One rule a device, in the order of the LAN addresses. */
export const listRules = (lan: Cidr4, lanPort: string, tables: Tables): Rule[] => [
  ...frameOf(lan, lanPort),
  ...[...tables].map(
    ([ip, table], n): Rule => ({
      kind: "rule",
      preference: rulePreferences.tree + n,
      from: { address: ip, length: 32 },
      action: { to: "lookup", table },
    }),
  ),
];

/** A tree that looks at so many bits a step: all children of a used block have a rule, tried one after the other. */
export function treeRules(lan: Cidr4, lanPort: string, tables: Tables, stepBits: number): Rule[] {
  const levels = levelsOf(lan, stepBits);
  const root: Level = { length: lan.length, offset: 0 };
  return [
    ...frameOf(lan, lanPort),
    ...levels.flatMap((level, n) => levelRules(lan, tables, levels[n - 1] ?? root, level, levels[n + 1])),
  ];
}

interface Level {
  /** Prefix length at which it ends. */
  readonly length: number;
  /** Preference of the rule for its first block. */
  readonly offset: number;
}

function levelsOf(lan: Cidr4, stepBits: number): Level[] {
  const levels: Level[] = [];
  let offset: number = rulePreferences.tree;
  const first = lan.length + ((32 - lan.length) % stepBits || stepBits);
  for (let length = first; length <= 32; length += stepBits) {
    levels.push({ length, offset });
    offset += 2 ** (length - lan.length);
  }
  return levels;
}

function levelRules(
  lan: Cidr4,
  tables: Tables,
  above: Level,
  level: Level,
  below: Level | undefined,
): Rule[] {
  const start = ip4ToNumber(lan.address);
  const blocks = (length: number): Set<number> =>
    new Set([...tables.keys()].map((ip) => Math.floor((ip4ToNumber(ip) - start) / 2 ** (32 - length))));
  const used = blocks(level.length);
  const width = 2 ** (level.length - above.length);
  const children = [...blocks(above.length)]
    .sort((a, b) => a - b)
    .flatMap((parent) => Array.from({ length: width }, (_, n) => parent * width + n));
  return children.map((child): Rule => {
    const address = ip4FromNumber(start + child * 2 ** (32 - level.length));
    return {
      kind: "rule",
      preference: level.offset + child,
      from: networkOf(address, level.length),
      action: used.has(child) ? wayOn(tables.get(address), child, level, below) : { to: "unreachable" },
    };
  });
}

function wayOn(table: number | undefined, child: number, level: Level, below: Level | undefined): RuleAction {
  if (below) return { to: "goto", preference: below.offset + child * 2 ** (below.length - level.length) };
  return table === undefined ? { to: "unreachable" } : { to: "lookup", table };
}
