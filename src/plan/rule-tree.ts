/**
 * Which device's table a packet from the LAN uses, as a tree of rules over the LAN address instead of a list: each level
 * looks at two more bits. Preferences follow from the address alone, so one device's coming or going touches
 * only the rules on its own path. See docs/adr/0003.
 */
import { type Cidr4, networkOf } from "../base/cidr4.ts";
import { type Ip4, ip4FromNumber, ip4ToNumber } from "../base/ip4.ts";
import { rulePreferences } from "./marks.ts";
import type { Rule, RuleAction } from "./resource.ts";

/** Bits of the address that one level looks at. */
const stepBits = 2;

/** Prefix lengths at which the levels end; the first level takes the odd bit, if there is one. */
function levelLengths(lan: Cidr4): number[] {
  const lengths: number[] = [];
  for (let length = 32; length > lan.length; length -= stepBits) lengths.unshift(length);
  return lengths;
}

/** The rules that lead each LAN address to its table; `tables` maps LAN addresses inside `lan` to table numbers. */
export function planRuleTree(lan: Cidr4, lanPort: string, tables: ReadonlyMap<Ip4, number>): Rule[] {
  return [...planFrame(lan, lanPort), ...planTree(lan, tables)];
}

function planFrame(lan: Cidr4, lanPort: string): Rule[] {
  const p = rulePreferences;
  return [
    {
      kind: "rule",
      preference: p.hairpin,
      destination: lan,
      iif: lanPort,
      action: { to: "lookup", table: "main" },
    },
    { kind: "rule", preference: p.skip, not: true, iif: lanPort, action: { to: "goto", preference: p.end } },
    { kind: "rule", preference: p.foreign, not: true, from: lan, action: { to: "unreachable" } },
    { kind: "rule", preference: p.closed, iif: lanPort, action: { to: "unreachable" } },
    { kind: "rule", preference: p.end, action: { to: "nop" } },
  ];
}

function planTree(lan: Cidr4, tables: ReadonlyMap<Ip4, number>): Rule[] {
  const lengths = levelLengths(lan);
  const start = ip4ToNumber(lan.address);
  const rules: Rule[] = [];
  let offset: number = rulePreferences.tree;
  let parents: ReadonlySet<number> = new Set([0]);
  let parentLength = lan.length;
  for (const length of lengths) {
    const width = 2 ** (length - parentLength);
    const nextOffset = offset + 2 ** (length - lan.length);
    const nextWidth = 2 ** stepBits;
    const used = new Set<number>();
    for (const ip of tables.keys()) used.add(Math.floor((ip4ToNumber(ip) - start) / 2 ** (32 - length)));
    for (const parent of [...parents].sort((a, b) => a - b)) {
      for (let child = parent * width; child < (parent + 1) * width; child++) {
        const address = ip4FromNumber(start + child * 2 ** (32 - length));
        const action = childAction(
          used.has(child),
          length,
          tables.get(address),
          nextOffset + child * nextWidth,
        );
        rules.push({ kind: "rule", preference: offset + child, from: networkOf(address, length), action });
      }
    }
    parents = used;
    parentLength = length;
    offset = nextOffset;
  }
  return rules;
}

/** Every child of a used block has a rule, so that no packet walks on into other blocks. */
function childAction(used: boolean, length: number, table: number | undefined, block: number): RuleAction {
  if (!used) return { to: "unreachable" };
  if (length < 32) return { to: "goto", preference: block };
  return table === undefined ? { to: "unreachable" } : { to: "lookup", table };
}
