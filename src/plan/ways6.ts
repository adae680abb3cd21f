/** By which router and over which on-link prefixes an IPv6 address speaks: looked up, since there is an answer for every address of every device. */
import { type Cidr6, distinctCidrs6, formatCidr6, networkOf6 } from "../base/cidr6.ts";
import type { Ip6 } from "../base/ip6.ts";
import { remembered } from "../base/remembered.ts";
import type { Network6Plan, RouterPlan } from "./desired6.ts";

export interface Ways6 {
  /** RFC 6724 rule 5.5, RFC 8028 section 3: a router that advertised the address's prefix, else the best. */
  routerOf(ip: Ip6): RouterPlan | undefined;
  /** On-link prefixes of that router that get a route, the address's own first: at most `mostLinks`. */
  linksOf(ip: Ip6): readonly Cidr6[];
  /** Whether the address lies in a prefix that is advertised now; on a network that advertises none, every address does. */
  isCurrent(ip: Ip6): boolean;
}

/** Neighbours in more prefixes are reached through the router; what strangers advertise must not multiply with our addresses. */
export const mostLinks = 4;

/** The same network has the same answers; it is asked for each device. */
const known = new WeakMap<Network6Plan, Ways6>();

export function waysOf(network: Network6Plan): Ways6 {
  const before = known.get(network);
  if (before) return before;
  const ways = makeWays(network);
  known.set(network, ways);
  return ways;
}

function makeWays({ routers, onLink }: Network6Plan): Ways6 {
  const advertised = indexOf(routers.flatMap((r) => r.prefixes.map((prefix) => [prefix, r] as const)));
  const links = indexOf(onLink.map((prefix) => [prefix, prefix] as const));
  const routerOf = (ip: Ip6): RouterPlan | undefined => {
    const found = new Set(advertised(ip));
    return routers.find((r) => found.has(r)) ?? routers[0];
  };
  return {
    routerOf,
    linksOf: (ip) => {
      const router = routerOf(ip);
      return distinctCidrs6([...links(ip), ...(router?.onLink ?? onLink)]).slice(0, mostLinks);
    },
    isCurrent: (ip) =>
      (routers.every((r) => r.prefixes.length === 0) && onLink.length === 0) ||
      advertised(ip).length > 0 ||
      links(ip).length > 0,
  };
}

/** So many answers are remembered; each device has three addresses or so. */
const mostAnswers = 8192;

/** Finds the values of all prefixes that hold an address; the cost of a first look grows with the lengths in use, not with the prefixes. */
function indexOf<T>(entries: readonly (readonly [Cidr6, T])[]): (ip: Ip6) => readonly T[] {
  const byPrefix = new Map<string, T[]>();
  for (const [prefix, value] of entries) {
    const key = formatCidr6(prefix);
    const values = byPrefix.get(key);
    if (values) values.push(value);
    else byPrefix.set(key, [value]);
  }
  const lengths = [...new Set(entries.map(([{ length }]) => length))].sort((a, b) => b - a);
  return remembered(mostAnswers, (ip) =>
    lengths.flatMap((length) => byPrefix.get(formatCidr6(networkOf6(ip, length))) ?? []),
  );
}
