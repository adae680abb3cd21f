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

/** One step down the tree. */
interface Level {
  /** Prefix lengths of the blocks and of what they are divided into. */
  readonly parentLength: number;
  readonly length: number;
  /** Preference of the first rule of the level, and of the next one. */
  readonly offset: number;
  readonly nextOffset: number;
}

/** The first level takes the odd bit, if there is one. */
function levelsOf(lan: Cidr4): Level[] {
  const lengths: number[] = [];
  for (let length = 32; length > lan.length; length -= stepBits) lengths.unshift(length);
  let offset: number = rulePreferences.tree;
  return lengths.map((length, i) => {
    const level = { parentLength: lengths[i - 1] ?? lan.length, length, offset };
    offset += 2 ** (length - lan.length);
    return { ...level, nextOffset: offset };
  });
}

/** The tree with what is in it; what changes when an address comes or goes is found without a look at the others. */
export class RuleTree {
  readonly #start: number;
  readonly #levels: readonly Level[];
  readonly #tables = new Map<Ip4, number>();
  /** By prefix length: how many addresses are in each block. */
  readonly #counts: ReadonlyMap<number, Map<number, number>>;

  constructor(readonly lan: Cidr4) {
    this.#start = ip4ToNumber(lan.address);
    this.#levels = levelsOf(lan);
    this.#counts = new Map(this.#levels.map(({ length }) => [length, new Map()]));
  }

  get tables(): ReadonlyMap<Ip4, number> {
    return this.#tables;
  }

  /** @param ip inside the LAN; @param table undefined: nobody has the address any more */
  set(ip: Ip4, table: number | undefined): void {
    const was = this.#tables.has(ip);
    if (table === undefined) this.#tables.delete(ip);
    else this.#tables.set(ip, table);
    const change = Number(this.#tables.has(ip)) - Number(was);
    if (change !== 0)
      for (const [length, counts] of this.#counts) add(counts, this.#block(ip, length), change);
  }

  /** All rules, level by level. */
  rules(): Rule[] {
    return this.#levels.flatMap((level) => {
      const counts = this.#counts.get(level.parentLength);
      const parents = counts ? [...counts.keys()].sort((a, b) => a - b) : [0];
      return parents.flatMap((parent) => this.#children(level, parent));
    });
  }

  /** The rules that an address's coming or going touches: those of the blocks that it lies in. */
  path(ip: Ip4): Rule[] {
    return this.#levels.flatMap((level) => {
      const parent = this.#block(ip, level.parentLength);
      const used = level.parentLength === this.lan.length || this.#isUsed(level.parentLength, parent);
      return used ? this.#children(level, parent) : [];
    });
  }

  #block(ip: Ip4, length: number): number {
    return Math.floor((ip4ToNumber(ip) - this.#start) / 2 ** (32 - length));
  }

  #isUsed(length: number, block: number): boolean {
    return this.#counts.get(length)?.has(block) === true;
  }

  /** Every child of a used block has a rule, so that no packet walks on into other blocks. */
  #children({ parentLength, length, offset, nextOffset }: Level, parent: number): Rule[] {
    const width = 2 ** (length - parentLength);
    return Array.from({ length: width }, (_, i): Rule => {
      const child = parent * width + i;
      const address = ip4FromNumber(this.#start + child * 2 ** (32 - length));
      const block = nextOffset + child * 2 ** stepBits;
      const action = childAction(this.#isUsed(length, child), length, this.#tables.get(address), block);
      return { kind: "rule", preference: offset + child, from: networkOf(address, length), action };
    });
  }
}

function add(counts: Map<number, number>, block: number, change: number): void {
  const count = (counts.get(block) ?? 0) + change;
  if (count === 0) counts.delete(block);
  else counts.set(block, count);
}

function childAction(used: boolean, length: number, table: number | undefined, block: number): RuleAction {
  if (!used) return { to: "unreachable" };
  if (length < 32) return { to: "goto", preference: block };
  return table === undefined ? { to: "unreachable" } : { to: "lookup", table };
}

/** The rules that lead each LAN address to its table; `tables` maps LAN addresses inside `lan` to table numbers. */
export function planRuleTree(lan: Cidr4, lanPort: string, tables: ReadonlyMap<Ip4, number>): Rule[] {
  const tree = new RuleTree(lan);
  for (const [ip, table] of tables) tree.set(ip, table);
  return [...planFrame(lan, lanPort), ...tree.rules()];
}

/** What stands around the tree, whoever is in it. */
export function planFrame(lan: Cidr4, lanPort: string): Rule[] {
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
