import { readFile } from "node:fs/promises";
import type { Namespace } from "./netns.ts";

/** A namespace's network state as sorted lines, without counters, indexes and running timers: equal states give equal lines. */
export type KernelState = Readonly<
  Record<"links" | "addresses" | "rules" | "routes" | "nftables" | "sysctls" | "processes", readonly string[]>
>;

const volatile = new Set([
  "stats",
  "stats64",
  "ifindex",
  "link_index",
  "valid_life_time",
  "preferred_life_time",
  "cacheinfo",
]);

const stable = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(stable);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([key]) => !volatile.has(key));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, stable(v)]));
};

async function ipLines(namespace: Namespace, args: readonly string[]): Promise<readonly string[]> {
  const rows = (await namespace.ipJson(args)) as readonly unknown[];
  return rows.map((row) => JSON.stringify(stable(row))).sort();
}

async function textLines(namespace: Namespace, argv: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await namespace.run(argv, { mayFail: true });
  return stdout.split("\n").filter((line) => line.trim() !== "");
}

/** Command lines of the processes inside, sorted; those that have ended and only wait for their parent have none. */
async function processLines(namespace: Namespace): Promise<readonly string[]> {
  const read = (pid: number): Promise<string> => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  const lines = await Promise.all((await namespace.pids()).map(read));
  return lines.flatMap((line) => (line === "" ? [] : [line.replaceAll("\0", " ").trim()])).sort();
}

export async function readKernelState(namespace: Namespace): Promise<KernelState> {
  // First, before our own programs run inside.
  const processes = await processLines(namespace);
  const [links, addresses, rules4, rules6, routes4, routes6, nftables, sysctls] = await Promise.all([
    ipLines(namespace, ["-details", "link", "show"]),
    ipLines(namespace, ["addr", "show"]),
    ipLines(namespace, ["-4", "rule", "show"]),
    ipLines(namespace, ["-6", "rule", "show"]),
    ipLines(namespace, ["-4", "route", "show", "table", "all"]),
    ipLines(namespace, ["-6", "route", "show", "table", "all"]),
    textLines(namespace, ["nft", "--stateless", "list", "ruleset"]),
    textLines(namespace, ["sysctl", "-a", "-r", "^net\\.(ipv4|ipv6)\\.(conf|neigh|ip_forward|fib)"]),
  ]);
  return {
    links,
    addresses,
    rules: [...rules4, ...rules6],
    routes: [...routes4, ...routes6],
    nftables,
    sysctls,
    processes,
  };
}

/** What is only in one of two states, one line each: `- links: …` was there before, `+ links: …` came. */
export function diffKernelStates(before: KernelState, after: KernelState): readonly string[] {
  return (Object.keys(before) as (keyof KernelState)[]).flatMap((part) => [
    ...onlyIn(before[part], after[part]).map((line) => `- ${part}: ${line}`),
    ...onlyIn(after[part], before[part]).map((line) => `+ ${part}: ${line}`),
  ]);
}

function onlyIn(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
