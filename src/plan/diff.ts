/** Desired against observed -> what to do, in an order that never lets a packet out under a wrong name. */
import { byKey, type Resource, type ResourceMap, resourceKey } from "./resource.ts";

export type Action =
  | { readonly kind: "put"; readonly resource: Resource; readonly was?: Resource }
  | { readonly kind: "delete"; readonly resource: Resource };

/** The fields of a resource are plain values in a fixed order, so their text compares them. Of a port's only those count that are wanted. */
const same = (was: Resource, wanted: Resource): boolean =>
  canonical(relevant(was, wanted)) === canonical(wanted);
function relevant(was: Resource, wanted: Resource): Resource {
  if (was.kind !== "port" || wanted.kind !== "port" || wanted.group !== undefined) return was;
  const { group: _, ...rest } = was;
  return rest;
}
function canonical(r: Resource): string {
  return JSON.stringify(Object.entries(r).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Adds come before deletes; adds stand so that each finds what it needs and guards stand before what they guard; deletes
 * the other way round. Ports are only ever set up; addresses of the kernel's making are only ever removed. Idempotent: nothing to do gives an empty list.
 */
export function diff(desired: ResourceMap, observed: readonly Resource[]): Action[] {
  const there = byKey(observed);
  const actions: Action[] = [];
  for (const [key, resource] of desired) {
    if (resource.kind === "address6" && resource.origin === "slaac") continue;
    const was = there.get(key);
    if (!was) actions.push({ kind: "put", resource });
    else if (!same(was, resource)) actions.push({ kind: "put", resource, was });
  }
  const leaving = observed.filter(
    (r) => !desired.has(resourceKey(r)) && r.kind !== "port" && r.kind !== "sysctl",
  );
  const goneLinks = new Set(leaving.filter((r) => r.kind === "identity").map((r) => r.ifname));
  for (const resource of leaving) {
    const fallsWithLink =
      resource.kind !== "identity" && "ifname" in resource && goneLinks.has(resource.ifname);
    if (!fallsWithLink) actions.push({ kind: "delete", resource });
  }
  return actions.sort((a, b) => order(a) - order(b));
}

const addOrder: Readonly<Record<Resource["kind"], number>> = {
  ruleset: 0,
  sysctl: 1,
  port: 2,
  identity: 3,
  address: 4,
  address6: 4,
  neighbour: 5,
  neighbour6: 5,
  route: 6,
  route6: 6,
  element: 7,
  rule: 8,
  rule6: 8,
};

/** Positive for adds, ascending; deletes come after all adds. Rules from the leaves up, and removed from the root down. */
function order(action: Action): number {
  const rank = addOrder[action.resource.kind];
  const within = "preference" in action.resource ? action.resource.preference / 100_000 : 0;
  return action.kind === "put" ? rank - within : 100 - rank + within;
}
