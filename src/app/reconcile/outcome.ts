/** What a pass has come to, identity by identity. */
import type { Pass } from "./reconciler.ts";

export interface Outcome {
  /** Whether the interface of this name is there and up. */
  readonly present: (ifname: string) => boolean;
  /** Whether it carries all that is wanted, and packets find their way to it. */
  readonly complete: (ifname: string) => boolean;
}

export function outcomeOf({ desired, failures }: Pick<Pass, "desired" | "failures">): Outcome {
  const broken = new Set<string>();
  const without = new Set<string>();
  let guarded = true;
  let reachable = true;
  for (const { key } of failures) {
    const resource = desired.get(key);
    if (key === "ruleset") guarded = false;
    if (key === "elements" || resource?.kind === "rule") reachable = false;
    if (resource?.kind === "identity") without.add(resource.ifname);
    if (resource && "ifname" in resource) broken.add(resource.ifname);
  }
  return {
    present: (ifname) => guarded && !without.has(ifname),
    complete: (ifname) => guarded && reachable && !broken.has(ifname),
  };
}
