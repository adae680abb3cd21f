/** What `ip -6 -json` prints -> our IPv6 resources that are there, and every address on an identity. */
import { anywhere6, type Cidr6, networkOf6 } from "../base/cidr6.ts";
import { type Ip6, isLinkLocal } from "../base/ip6.ts";
import type { Address6Fact, Addresses6 } from "./desired6.ts";
import { ip6, type Json, list, mac, number, ours, text } from "./json-fields.ts";
import { identityMac, routeProtocol, rulePreferences6 } from "./marks.ts";
import type { Address6, Neighbour6, Resource6, Route6, Rule6 } from "./resource6.ts";

/** The commands of `ip -6 -details -json` whose output `parseObserved6` takes, by name. */
export const observeCommands6 = {
  addresses6: ["address", "show"],
  routes6: ["route", "show", "table", "all", "proto", String(routeProtocol)],
  rules6: ["rule", "show"],
  neighbours6: ["neighbour", "show", "nud", "permanent"],
} as const;

export type RawObservation6 = { readonly [K in keyof typeof observeCommands6]: unknown };

export interface Observed6 {
  readonly resources: readonly Resource6[];
  readonly addresses6: Addresses6;
}

/** Addresses of other interfaces go into `foreign`, as `ifname ip/length`. */
export function parseObserved6(raw: Partial<RawObservation6>, foreign: Set<string>): Observed6 {
  const addresses6 = new Map<string, readonly Address6Fact[]>();
  const own: Address6[][] = [];
  for (const link of list(raw.addresses6)) {
    const ifname = text(link.ifname);
    const infos = list(link.addr_info);
    const facts = infos.flatMap(parseAddress);
    if (identityMac(ifname)) {
      addresses6.set(ifname, facts);
      own.push(infos.flatMap((info) => ownAddress(ifname, info)));
    } else for (const { ip, length } of facts) foreign.add(`${ifname} ${ip}/${length}`);
  }
  const resources = [
    ...own.flat(),
    ...list(raw.routes6).flatMap(parseRoute),
    ...list(raw.rules6).flatMap(parseRule),
    ...list(raw.neighbours6).flatMap(parseNeighbour),
  ];
  return { resources, addresses6 };
}

function parseAddress(info: Json): Address6Fact[] {
  const ip = ip6(info.local);
  const length = number(info.prefixlen);
  if (!ip) return [];
  const made = info.dynamic === true || info.mngtmpaddr === true;
  return [{ ip, length, origin: originOf(ip, length, made), state: stateOf(info) }];
}

/** @param made by the kernel, from a router advertisement */
export function originOf(ip: Ip6, length: number, made: boolean): Address6Fact["origin"] {
  if (isLinkLocal(ip)) return "link-local";
  if (length === 128) return "leased";
  return made ? "slaac" : "other";
}

/** iproute2 prints an optimistic address as tentative too, and one that failed as well. */
function stateOf(info: Json): Address6Fact["state"] {
  if (info.dadfailed === true) return "duplicate";
  if (info.deprecated === true) return "deprecated";
  return info.tentative === true && info.optimistic !== true ? "tentative" : "usable";
}

function ownAddress(ifname: string, info: Json): Address6[] {
  // One that failed its check may be deprecated too.
  return parseAddress(info).flatMap((fact) => address6Of(ifname, fact, info.deprecated === true) ?? []);
}

/** Undefined: it is the kernel's own affair. */
export function address6Of(
  ifname: string,
  { ip, length, origin, state }: Address6Fact,
  isDeprecated = state === "deprecated",
): Address6 | undefined {
  if (origin === "link-local") return undefined;
  const deprecated = origin === "leased" && isDeprecated;
  return { kind: "address6", ifname, ip, length, origin, ...(deprecated ? { deprecated } : {}) };
}

/** `default`, `2001:db8::1` or `2001:db8::/64` as iproute2 prints destinations. */
function cidr(raw: unknown): Cidr6 | undefined {
  if (text(raw) === "default") return anywhere6;
  const [address, length = "128"] = text(raw).split("/");
  const ip = ip6(address);
  return ip && networkOf6(ip, Number(length));
}

function parseRoute(route: Json): Route6[] {
  const destination = cidr(route.dst);
  const table = number(route.table);
  const from = ip6(route.from);
  const via = ip6(route.gateway);
  const source = ip6(route.prefsrc);
  if (!destination || Number.isNaN(table)) return [];
  const way = { ...(from ? { from } : {}), ...(via ? { via } : {}), ...(source ? { source } : {}) };
  return [{ kind: "route6", table, destination, ifname: text(route.dev), ...way }];
}

function parseRule(rule: Json): Rule6[] {
  const preference = number(rule.priority);
  const table = text(rule.table) === "main" ? "main" : number(rule.table);
  const known: readonly number[] = Object.values(rulePreferences6);
  if (!ours(rule) || !known.includes(preference) || Number.isNaN(table)) return [];
  const iif = text(rule.iif);
  const without = text(rule.suppress_ifgroup);
  return [{ kind: "rule6", preference, ...(iif ? { iif } : {}), table, ...(without ? { without } : {}) }];
}

function parseNeighbour(entry: Json): Neighbour6[] {
  const ip = ip6(entry.dst);
  const lladdr = mac(entry.lladdr);
  if (!ours(entry) || !ip || !lladdr) return [];
  return [{ kind: "neighbour6", ifname: text(entry.dev), ip, mac: lladdr }];
}
