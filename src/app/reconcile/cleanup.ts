import { diff } from "../../plan/diff.ts";
import { byKey, countKinds, resourceKey } from "../../plan/resource.ts";
import type { Kernel } from "../../ports/kernel.ts";
import { applyActions } from "./apply.ts";
import type { Failure } from "./batch.ts";
import { observe } from "./observe.ts";
import { restoreSettings } from "./settings.ts";

export interface CleanupReport {
  /** How many of each kind were removed. */
  readonly removed: Readonly<Record<string, number>>;
  readonly settingsRestored: readonly string[];
  readonly failures: readonly Failure[];
}

/** Removes everything that carries our marks and puts settings back as they were; needs no state file. */
export async function cleanup(kernel: Kernel): Promise<CleanupReport> {
  const observed = await observe(kernel, []);
  const actions = diff(byKey([]), observed.resources);
  // The order of a removal: what lets packets out first, then identities, then the guard and the memory of old settings.
  const context = { rulesetScript: () => "", elements: () => [], saved: observed.saved, tell: () => {} };
  const guarded = actions.filter((a) => a.resource.kind !== "ruleset");
  const failed = await applyActions(kernel, guarded, context);
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
