/** What `gateway cleanup` removed, for people and for scripts. */
import type { Resource } from "../plan/resource.ts";
import { jsonText } from "./json-text.ts";

/** Ports and settings are never removed; both families count together. */
type RemovedKind = Exclude<Resource["kind"], "port" | "sysctl" | `${string}6`>;

export interface Removal {
  /** How many, by kind of resource; kinds of which there were none may be absent. */
  readonly removed: Readonly<Record<string, number>>;
  readonly settingsRestored: readonly string[];
  /** Child processes that were ended. */
  readonly children: number;
  readonly failures: readonly { readonly message: string }[];
}

/** By kind: what people call it, and what its number is called in JSON. */
export const removedKinds = {
  identity: ["identities", "identities"],
  tunnel: ["translator interfaces", "translator_interfaces"],
  address: ["addresses", "addresses"],
  route: ["routes", "routes"],
  rule: ["rules", "rules"],
  neighbour: ["neighbour entries", "neighbours"],
  ruleset: ["nftables table", "nft_tables"],
  element: ["map and set elements", "nft_elements"],
} as const satisfies Record<RemovedKind, readonly [words: string, json: string]>;

const nameOf = (kind: string): string => {
  const names: Readonly<Record<string, readonly [string, string]>> = removedKinds;
  return names[kind]?.[0] ?? kind;
};

export function renderRemoval({ removed, settingsRestored, children }: Removal): string {
  const lines = Object.entries(removed).map(([kind, count]) => `removed ${count} ${nameOf(kind)}`);
  if (children > 0) lines.push(`ended ${children} child ${children === 1 ? "process" : "processes"}`);
  lines.push(...settingsRestored.map((setting) => `restored ${setting}`));
  return `${lines.length === 0 ? "Nothing of the gateway is in the kernel." : lines.join("\n")}\n`;
}

export function renderRemovalJson({ removed, settingsRestored, children, failures }: Removal): string {
  const counts = Object.entries(removedKinds).map(([kind, [, name]]) => [name, removed[kind] ?? 0]);
  return jsonText({
    removed: Object.fromEntries(counts),
    processes_ended: children,
    settings_restored: settingsRestored,
    failures: failures.map(({ message }) => message),
  });
}
