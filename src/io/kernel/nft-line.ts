import type { KernelEvent } from "../../ports/kernel.ts";

export interface TableName {
  readonly family: string;
  readonly name: string;
}

/** One line of `nft monitor`, which names family and table of what was added or deleted. */
export const namesTable = (line: string, { family, name }: TableName): boolean =>
  ` ${line} `.includes(` ${family} ${name} `);

/** What of these tables changed: elements `add element inet TABLE SET { KEY : VALUE }`, or more; undefined when nothing did. */
export function parseNftLine(line: string, tables: readonly TableName[]): KernelEvent | undefined {
  if (!tables.some((table) => namesTable(line, table))) return undefined;
  const [, verb, set = "", elements = ""] =
    /^(add|delete) element \S+ \S+ (\S+) \{ (.*) \}$/.exec(line.trim()) ?? [];
  const keys = elements
    .split(", ")
    .filter((element) => element !== "")
    .map((element) => `element ${set} ${element.split(" : ")[0]?.trim()}`);
  return { kind: "nftables", keys, gone: verb === "delete" };
}
