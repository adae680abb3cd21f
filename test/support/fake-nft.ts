/** nftables in memory, as far as the gateway's scripts go: whole tables replaced, elements added and deleted; all or nothing. */
import { Refused } from "./fake-ip.ts";

interface FakeSet {
  readonly kind: "set" | "map";
  readonly type: string;
  /** Key text to the whole element text, which is what follows `:` or `comment` as well. */
  readonly elements: Map<string, string>;
}
interface FakeTable {
  readonly sets: Map<string, FakeSet>;
  /** Rules by chain. */
  readonly chains: Map<string, string[]>;
}

const splitElements = (text: string): string[] =>
  text
    .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((e) => e.trim())
    .filter((e) => e !== "");
const keyOf = (element: string): string => element.split(/ : | comment /)[0] ?? "";

export class FakeNft {
  #tables = new Map<string, FakeTable>();

  /** Names of the tables there are. */
  get tables(): readonly string[] {
    return [...this.#tables.keys()];
  }

  /** Throws Refused and changes nothing when a line cannot be carried out. */
  run(script: string): void {
    const before = structuredClone(this.#tables);
    try {
      const lines = script.split("\n");
      while (lines.length > 0) this.#statement(lines);
    } catch (thrown) {
      this.#tables = before;
      throw thrown;
    }
  }

  #statement(lines: string[]): void {
    const line = lines.shift() ?? "";
    const [, verb, table = ""] = /^(add|delete) table ((?:inet|ip6|netdev) \w+)$/.exec(line) ?? [];
    const element = /^(add|delete) element ((?:inet|netdev) \w+) (\w+) \{ (.*) \}$/.exec(line);
    const chain = /^(add|flush|delete) (chain|rule) (netdev \w+) (\w+)(?: (.*))?$/.exec(line);
    const block = /^table ((?:inet|ip6|netdev) \w+) \{$/.exec(line);
    if (verb === "add") this.#table(table, true);
    else if (verb === "delete") {
      this.#table(table, false);
      this.#tables.delete(table);
    } else if (element) this.#element(element);
    else if (chain) this.#chain(chain);
    else if (block) this.#block(this.#table(block[1] ?? "", true), lines);
    else if (line !== "") throw new Error(`the fake kernel does not know: nft ${line}`);
  }

  #table(name: string, make: boolean): FakeTable {
    const there = this.#tables.get(name);
    if (there) return there;
    if (!make) throw new Refused("Error: Could not process rule: No such file or directory");
    const table: FakeTable = { sets: new Map(), chains: new Map() };
    this.#tables.set(name, table);
    return table;
  }

  #element([, verb, table = "", name = "", body = ""]: RegExpExecArray): void {
    const set = this.#table(table, false).sets.get(name);
    if (!set) throw new Refused("Error: No such file or directory");
    for (const element of splitElements(body)) {
      const key = keyOf(element);
      const there = set.elements.get(key);
      if (verb === "delete") {
        if (!set.elements.delete(key))
          throw new Refused("Error: Could not process rule: No such file or directory");
      } else if (there === undefined) set.elements.set(key, element);
      // The same key with another comment is no error and changes nothing; with another value it is one.
      else if (set.kind === "map" && there !== element)
        throw new Refused("Error: Could not process rule: File exists");
    }
  }

  #chain([, verb, what, table = "", name = "", rule = ""]: RegExpExecArray): void {
    const { chains } = this.#table(table, false);
    const there = chains.get(name);
    if (verb === "add" && what === "chain") chains.set(name, there ?? []);
    else if (!there) throw new Refused("Error: No such file or directory");
    else if (verb === "add") there.push(rule);
    else if (verb === "flush") chains.set(name, []);
    else chains.delete(name);
  }

  #block(table: FakeTable, lines: string[]): void {
    for (let line = lines.shift(); line !== "}"; line = lines.shift()) {
      const [, kind, name = ""] = /^ {2}(set|map|chain) (\w+) \{$/.exec(line ?? "") ?? [];
      if (kind === undefined) throw new Error(`the fake kernel does not know: nft ${line}`);
      const body: string[] = [];
      for (let inner = lines.shift(); inner !== "  }"; inner = lines.shift()) body.push(inner?.trim() ?? "");
      if (kind === "chain")
        table.chains.set(
          name,
          body.filter((rule) => !rule.startsWith("type ")),
        );
      else table.sets.set(name, readSet(kind === "map" ? "map" : "set", body));
    }
  }

  /** As `nft --json list table`; undefined when there is none. */
  print(name: string): unknown {
    const table = this.#tables.get(name);
    if (!table) return undefined;
    const [family, bare] = name.split(" ");
    const inTable = { family, table: bare };
    return {
      nftables: [
        { metainfo: { version: "1.0.6", release_name: "Lester Gooch #5", json_schema_version: 1 } },
        { table: { family, name: bare, handle: 1 } },
        ...[...table.sets].map(([set, s]) => ({ [s.kind]: { ...inTable, name: set, ...printSet(s) } })),
        ...[...table.chains.keys()].map((chain) => ({ chain: { ...inTable, name: chain } })),
        ...[...table.chains].flatMap(([chain, rules]) =>
          rules.map((rule) => ({ rule: { ...inTable, chain, expr: [{ text: rule }] } })),
        ),
      ],
    };
  }

  /** Elements of a set or map, as written. */
  elements(table: string, set: string): string[] {
    return [...(this.#tables.get(table)?.sets.get(set)?.elements.values() ?? [])];
  }
}

function readSet(kind: FakeSet["kind"], body: readonly string[]): FakeSet {
  const text = body.join(" ");
  const type = /^type (.+?)(?: size | flags | elements =|$)/.exec(text)?.[1] ?? "";
  const elements = splitElements(/elements = \{ (.*) \}/.exec(text)?.[1] ?? "");
  return { kind, type, elements: new Map(elements.map((e) => [keyOf(e), e])) };
}

function printSet({ kind, type, elements }: FakeSet): object {
  if (elements.size === 0) return { type };
  return {
    type,
    elem: [...elements.values()].map((e) => (kind === "map" ? e.split(" : ") : printElement(e))),
  };
}

function printElement(element: string): unknown {
  const [, number, comment] = /^(\d+) comment "(.*)"$/.exec(element) ?? [];
  if (number !== undefined) return { elem: { val: Number(number), comment } };
  if (!element.includes(" . ")) return element;
  return { concat: element.split(" . ").map((part) => part.replaceAll('"', "")) };
}
