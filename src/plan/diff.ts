/** Desired against observed -> what to do, in an order that never lets a packet out under a wrong name. */
import { byKey, type Resource, type ResourceMap, resourceKey } from "./resource.ts";

export type Action =
  | { readonly kind: "put"; readonly resource: Resource; readonly was?: Resource }
  | { readonly kind: "delete"; readonly resource: Resource };

/** Of a port only those fields count that are wanted. */
function same(was: Resource, wanted: Resource): boolean {
  const ignored = was.kind === "port" && wanted.kind === "port" && wanted.group === undefined ? "group" : "";
  return equal(was, wanted, ignored);
}

/** Of plain values, objects and lists; a field that is absent differs from none that is undefined. */
function equal(a: unknown, b: unknown, ignored = ""): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const of = a as Readonly<Record<string, unknown>>;
  const to = b as Readonly<Record<string, unknown>>;
  for (const key in of) if (key !== ignored && !equal(of[key], to[key])) return false;
  for (const key in to) if (key !== ignored && !(key in of) && to[key] !== undefined) return false;
  return true;
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
  const goneLinks = new Set(
    leaving.filter((r) => r.kind === "identity" || r.kind === "tunnel").map((r) => r.ifname),
  );
  for (const resource of leaving) {
    const fallsWithLink =
      resource.kind !== "identity" &&
      resource.kind !== "tunnel" &&
      "ifname" in resource &&
      goneLinks.has(resource.ifname);
    if (!fallsWithLink) actions.push({ kind: "delete", resource });
  }
  return actions.sort((a, b) => order(a) - order(b));
}

const addOrder: Readonly<Record<Resource["kind"], number>> = {
  ruleset: 0,
  sysctl: 1,
  port: 2,
  identity: 3,
  tunnel: 3,
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
