/** What a pass has come to, identity by identity. */
import type { Resource } from "../../plan/resource.ts";
import type { Pass } from "./reconciler.ts";

export interface Outcome {
  /** Whether the interface of this name is there and up. */
  readonly present: (ifname: string) => boolean;
  /** Whether it carries all of IPv4 that is wanted, and packets find their way to it. */
  readonly complete: (ifname: string) => boolean;
  /** The same of IPv6. */
  readonly complete6: (ifname: string) => boolean;
}

const kinds6: ReadonlySet<Resource["kind"]> = new Set(["address6", "neighbour6", "route6"]);

/** What fails in one family leaves the other as it is. */
export function outcomeOf({ desired, failures }: Pick<Pass, "desired" | "failures">): Outcome {
  const broken = new Set<string>();
  const broken6 = new Set<string>();
  const without = new Set<string>();
  let guarded = true;
  let reachable = true;
  let reachable6 = true;
  for (const { key } of failures) {
    const resource = desired.get(key);
    if (key === "ruleset") guarded = false;
    if (key === "elements" || resource?.kind === "rule") reachable = false;
    if (resource?.kind === "rule6") reachable6 = false;
    if (!resource || !("ifname" in resource)) continue;
    if (resource.kind === "identity") without.add(resource.ifname);
    (kinds6.has(resource.kind) ? broken6 : broken).add(resource.ifname);
  }
  const present = (ifname: string): boolean => guarded && !without.has(ifname);
  return {
    present,
    complete: (ifname) => present(ifname) && reachable && !broken.has(ifname),
    complete6: (ifname) => present(ifname) && reachable6 && !broken6.has(ifname),
  };
}
