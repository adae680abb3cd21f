/**
 * Which device's table a packet from the LAN uses, as a binary search by rules over the LAN address instead of a list. Preferences follow from
 * the address alone, so one device's coming or going touches only the rules on its own path. See docs/adr/0003.
 *
 * A block that is used has one rule, about its upper half: onwards by `goto` to where that half's rules begin, or nowhere if nobody is in it. The lower half's rules
 * come right behind, so that its packets just fall through; behind them come the upper half's. Addresses that differ in the last bits only form a
 * group: a rule for each that is used, then one that stops whatever is left. Nothing but the own address matches a leaf, so that a packet of an
 * unused lower half that falls into another block's rules matches none of them and is stopped there.
 */
import { type Cidr4, networkOf } from "../base/cidr4.ts";
import { type Ip4, ip4FromNumber, ip4ToNumber } from "../base/ip4.ts";
import { rulePreferences } from "./marks.ts";
import type { Rule } from "./resource.ts";

/** Bits of the address in which those of a group differ. */
const groupBits = 3;

/** A part of the LAN that is halved, or a group. */
interface Block {
  /** Of its first address in the LAN. */
  readonly offset: number;
  readonly length: number;
  /** Where its rules begin. */
  readonly preference: number;
}

/** The tree with what is in it; what changes when an address comes or goes is found without a look at the others. */
export class RuleTree {
  readonly #start: number;
  /** Prefix length of a group: a smaller LAN is a single one. */
  readonly #groupLength: number;
  readonly #root: Block;
  readonly #tables = new Map<Ip4, number>();
  /** By prefix length: how many addresses are in each block, by its number. */
  readonly #counts: ReadonlyMap<number, Map<number, number>>;

  constructor(
    readonly lan: Cidr4,
    readonly lanPort: string,
  ) {
    this.#start = ip4ToNumber(lan.address);
    this.#groupLength = Math.max(lan.length, 32 - groupBits);
    this.#root = { offset: 0, length: lan.length, preference: rulePreferences.tree };
    const lengths = Array.from({ length: this.#groupLength - lan.length + 1 }, (_, n) => lan.length + n);
    this.#counts = new Map(lengths.map((length) => [length, new Map()]));
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
    if (change === 0) return;
    for (const [length, counts] of this.#counts)
      add(counts, blockNumber(ip4ToNumber(ip) - this.#start, length), change);
  }

  /** All rules, in order of preference. */
  rules(): Rule[] {
    const rules: Rule[] = [];
    this.#collect(this.#root, rules);
    return rules;
  }

  /** The rules that an address's coming or going touches: those of the blocks that it lies in, and its own. */
  path(ip: Ip4): Rule[] {
    const offset = ip4ToNumber(ip) - this.#start;
    const rules: Rule[] = [];
    let block = this.#root;
    while (this.#isUsed(block) && !this.#isGroup(block)) {
      const [lower, upper] = this.#halves(block);
      rules.push(this.#step(upper, block));
      block = offset < upper.offset ? lower : upper;
    }
    return this.#isUsed(block) ? [...rules, ...this.#leaf(offset, block), this.#stop(block)] : rules;
  }

  #collect(block: Block, rules: Rule[]): void {
    if (!this.#isUsed(block)) return;
    if (this.#isGroup(block)) {
      for (const offset of offsetsOf(block)) rules.push(...this.#leaf(offset, block));
      rules.push(this.#stop(block));
      return;
    }
    const [lower, upper] = this.#halves(block);
    rules.push(this.#step(upper, block));
    this.#collect(lower, rules);
    this.#collect(upper, rules);
  }

  #isUsed({ offset, length }: Block): boolean {
    return this.#counts.get(length)?.has(blockNumber(offset, length)) === true;
  }

  #isGroup({ length }: Block): boolean {
    return length === this.#groupLength;
  }

  #halves(block: Block): readonly [lower: Block, upper: Block] {
    const length = block.length + 1;
    const lower = { offset: block.offset, length, preference: block.preference + 1 };
    const upper = {
      offset: block.offset + sizeOf(length),
      length,
      preference: lower.preference + this.#preferences(length),
    };
    return [lower, upper];
  }

  /** How many preferences a block takes: for each address of a group and its stop, and for each block above. */
  #preferences(length: number): number {
    return 2 ** (this.#groupLength - length) * (sizeOf(this.#groupLength) + 2) - 1;
  }

  #step(upper: Block, { preference }: Block): Rule {
    const from = networkOf(this.#address(upper.offset), upper.length);
    const action = this.#isUsed(upper)
      ? ({ to: "goto", preference: this.#entry(upper) } as const)
      : ({ to: "unreachable" } as const);
    return { kind: "rule", preference, from, action };
  }

  /** The first rule there is of a used block; of a group that is the lowest used address's. */
  #entry(block: Block): number {
    if (!this.#isGroup(block)) return block.preference;
    const first = offsetsOf(block).findIndex((offset) => this.#tables.has(this.#address(offset)));
    return block.preference + first;
  }

  #leaf(offset: number, group: Block): Rule[] {
    const address = this.#address(offset);
    const table = this.#tables.get(address);
    if (table === undefined) return [];
    const preference = group.preference + offset - group.offset;
    return [{ kind: "rule", preference, from: networkOf(address, 32), action: { to: "lookup", table } }];
  }

  /** It asks for no source: what fell through from elsewhere ends here too. */
  #stop({ preference, length }: Block): Rule {
    return {
      kind: "rule",
      preference: preference + sizeOf(length),
      iif: this.lanPort,
      action: { to: "unreachable" },
    };
  }

  #address(offset: number): Ip4 {
    return ip4FromNumber(this.#start + offset);
  }
}

/** How many addresses a block has. */
const sizeOf = (length: number): number => 2 ** (32 - length);

const blockNumber = (offset: number, length: number): number => Math.floor(offset / sizeOf(length));

const offsetsOf = ({ offset, length }: Block): number[] =>
  Array.from({ length: sizeOf(length) }, (_, n) => offset + n);

function add(counts: Map<number, number>, block: number, change: number): void {
  const count = (counts.get(block) ?? 0) + change;
  if (count === 0) counts.delete(block);
  else counts.set(block, count);
}

/** The rules that lead each LAN address to its table; `tables` maps LAN addresses inside `lan` to table numbers. */
export function planRuleTree(lan: Cidr4, lanPort: string, tables: ReadonlyMap<Ip4, number>): Rule[] {
  const tree = new RuleTree(lan, lanPort);
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
