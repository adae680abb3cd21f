import { type Action, diff } from "../../plan/diff.ts";
import { borrowTable, routeProtocol, sourceTable } from "../../plan/marks.ts";
import { byKey, countKinds, type Resource, resourceKey } from "../../plan/resource.ts";
import type { Kernel } from "../../ports/kernel.ts";
import { applyActions } from "./apply.ts";
import { type Failure, runBatch } from "./batch.ts";
import { look } from "./observe.ts";
import { restoreSettings } from "./settings.ts";

const isIdentity = ({ resource }: Action): boolean => resource.kind === "identity";
const isNoIdentity = (action: Action): boolean => !isIdentity(action);

/**
 * For each interface that goes the kernel walks through all its IPv6 routes. Once no rule leads to the identities' own they serve nobody, and are quicker taken
 * away by themselves. What the kernel refuses here goes with its interface.
 */
async function forgetRoutes(kernel: Kernel, found: readonly Resource[]): Promise<void> {
  if (!found.some(({ kind }) => kind === "route6")) return;
  const lines = [sourceTable, borrowTable].map(
    (table) => `route flush table ${table} protocol ${routeProtocol}`,
  );
  await runBatch(
    kernel,
    lines.map((line) => ({ key: "ip", line })),
    6,
  );
}

export interface CleanupReport {
  /** How many of each kind were removed. */
  readonly removed: Readonly<Record<string, number>>;
  readonly settingsRestored: readonly string[];
  readonly failures: readonly Failure[];
}

/** Removes everything that carries our marks and puts settings back as they were; needs no state file. */
export async function cleanup(kernel: Kernel): Promise<CleanupReport> {
  const observed = await look(kernel, []);
  const actions = diff(byKey([]), observed.resources);
  // The order of a removal: what lets packets out first, then what led to the identities, then they, then the guard and the memory of old settings.
  const context = { rulesetScript: () => "", elements: () => [], saved: observed.saved, tell: () => {} };
  const guarded = actions.filter((a) => a.resource.kind !== "ruleset");
  const ways = await applyActions(kernel, guarded.filter(isNoIdentity), context);
  await forgetRoutes(kernel, observed.resources);
  const links = await applyActions(kernel, guarded.filter(isIdentity), context);
  const failed = [...ways, ...links];
  const restored = await restoreSettings(kernel, observed.saved);
  // The table holds the settings as they were: it stays until all of them are back.
  const table = actions.filter((a) => a.resource.kind === "ruleset" && restored.failures.length === 0);
  const left = await applyActions(kernel, table, context);
  const refused = new Set([...failed, ...left].map(({ key }) => key));
  const removed = [...guarded, ...table].map((a) => a.resource).filter((r) => !refused.has(resourceKey(r)));
  return {
    removed: countKinds(removed),
    settingsRestored: restored.settings,
    failures: [...failed, ...restored.failures, ...left],
  };
}
