/** What `ip -json` and `nft --json` print -> our resources that are there. Everything not marked as ours is passed over. */
import { type Cidr4, networkOf } from "../base/cidr4.ts";
import type { Ip4 } from "../base/ip4.ts";
import type { Mac } from "../base/mac.ts";
import type { Addresses6 } from "./desired6.ts";
import { flags, ip4, type Json, list, mac, number, object, ours, text } from "./json-fields.ts";
import {
  identityMac,
  lanMetric,
  leavingGroup,
  nftTable,
  routeProtocol,
  rulePreferences,
  translatorName,
} from "./marks.ts";
import { type observeCommands6, parseObserved6 } from "./observe6.ts";
import { hasCarrier } from "./port-state.ts";
import type { Element, Resource, RuleAction } from "./resource.ts";
import { type SetName, setNames, sets } from "./sets.ts";

/** The commands of `ip -4 -details -json` whose output `parseObserved` takes, by name. */
export const observeCommands = {
  links: ["link", "show"],
  addresses: ["address", "show"],
  routes: ["route", "show", "table", "all", "proto", String(routeProtocol)],
  rules: ["rule", "show"],
  neighbours: ["neighbour", "show", "nud", "permanent"],
} as const;

/** Of `ip -details -json`: what goes with the group of those that leave. Others are empty objects in the answer, which `linksIn` passes over. */
export const leavingCommand = ["link", "show", "group", leavingGroup] as const;

export interface LinkFact {
  readonly ifname: string;
  /** As iproute2 prints it; empty where a link is of no kind. */
  readonly kind: string;
}

export const linksIn = (raw: unknown): LinkFact[] =>
  list(raw).flatMap((link) => {
    const ifname = text(link.ifname);
    return ifname === "" ? [] : [{ ifname, kind: text(object(link.linkinfo).info_kind) }];
  });

/** Whether it is one of the identities that are to go. */
export const isLeaving = ({ ifname, kind }: LinkFact, names: ReadonlySet<string>): boolean =>
  names.has(ifname) && identityMac(ifname) !== undefined && kind === "macvlan";

export type RawObservation = {
  readonly [K in keyof typeof observeCommands | keyof typeof observeCommands6 | "nft" | "nft6"]: unknown;
};

export interface PortFacts {
  readonly mac: Mac | undefined;
  /** Bytes. */
  readonly mtu: number;
  readonly up: boolean;
  readonly carrier: boolean;
}

export interface Observed {
  readonly resources: readonly Resource[];
  /** Links that are not identities, by name. */
  readonly ports: ReadonlyMap<string, PortFacts>;
  /** Addresses of both families that are not ours, as `ifname ip/length`. */
  readonly foreignAddresses: ReadonlySet<string>;
  /** IPv6 addresses of identities. */
  readonly addresses6: Addresses6;
  /** Settings as they were before us, as kept in our table. */
  readonly saved: ReadonlyMap<string, string>;
}

/** `default`, `192.0.2.1` or `192.0.2.0/24` as iproute2 prints destinations. */
function cidr(raw: unknown): Cidr4 | undefined {
  if (text(raw) === "default") return { address: "0.0.0.0" as Ip4, length: 0 };
  const [address, length = "32"] = text(raw).split("/");
  const ip = ip4(address);
  return ip && networkOf(ip, Number(length));
}

export function parseObserved(raw: RawObservation): Observed {
  const ports = new Map<string, PortFacts>();
  const foreignAddresses = new Set<string>();
  const nft = parseNft(raw.nft, raw.nft6);
  const own: Resource[] = [
    ...list(raw.links).flatMap((link) => parseLink(link, ports)),
    ...list(raw.addresses).flatMap((link) => parseAddresses(link, foreignAddresses)),
    ...list(raw.routes).flatMap(parseRoute),
    ...list(raw.rules).flatMap(parseRule),
    ...list(raw.neighbours).flatMap(parseNeighbour),
    ...nft.resources,
  ];
  const v6 = parseObserved6(raw, foreignAddresses);
  return {
    resources: [...own, ...v6.resources],
    ports,
    foreignAddresses,
    addresses6: v6.addresses6,
    saved: nft.saved,
  };
}

function parseLink(link: Json, ports: Map<string, PortFacts>): Resource[] {
  const ifname = text(link.ifname);
  const up = flags(link.flags).includes("UP");
  const mtu = number(link.mtu);
  const group = text(link.group);
  const own = identityMac(ifname);
  if (own && text(object(link.linkinfo).info_kind) === "macvlan") {
    const parent = text(link.link);
    return [{ kind: "identity", ifname, mac: mac(link.address) ?? own, parent, mtu, group, up }];
  }
  if (ifname === translatorName && text(object(link.linkinfo).info_kind) === "tun")
    return [{ kind: "tunnel", ifname, mtu, group, up }];
  if (ifname === translatorName && text(object(link.linkinfo).info_kind) === "veth")
    return [{ kind: "tunnel", ifname, medium: "veth", mtu, group, up }];
  ports.set(ifname, { mac: mac(link.address), mtu, up, carrier: hasCarrier(flags(link.flags)) });
  return [{ kind: "port", ifname, up, group }];
}

function parseAddresses(link: Json, foreign: Set<string>): Resource[] {
  const ifname = text(link.ifname);
  return list(link.addr_info).flatMap((info): Resource[] => {
    const ip = ip4(info.local);
    const length = number(info.prefixlen);
    if (!ip) return [];
    if (identityMac(ifname)) return [{ kind: "address", ifname, ip, length }];
    if (info.metric === lanMetric) return [{ kind: "address", ifname, ip, length, metric: lanMetric }];
    foreign.add(`${ifname} ${ip}/${length}`);
    return [];
  });
}

function parseRoute(route: Json): Resource[] {
  const destination = cidr(route.dst);
  const source = ip4(route.prefsrc);
  const via = ip4(route.gateway);
  const table = number(route.table);
  if (!destination || !source || Number.isNaN(table)) return [];
  return [{ kind: "route", table, destination, ...(via ? { via } : {}), ifname: text(route.dev), source }];
}

function parseRule(rule: Json): Resource[] {
  const preference = number(rule.priority);
  if (!ours(rule) || preference < rulePreferences.clients || preference > rulePreferences.borrow) return [];
  const action = parseAction(rule);
  const from = network(rule.src, rule.srclen);
  const destination = network(rule.dst, rule.dstlen);
  const iif = text(rule.iif);
  const mark = "fwmark" in rule ? `${text(rule.fwmark)}/${text(rule.fwmask)}` : "";
  return [
    {
      kind: "rule",
      preference,
      ...("not" in rule ? { not: true } : {}),
      ...(from ? { from } : {}),
      ...(destination ? { destination } : {}),
      ...(iif ? { iif } : {}),
      ...(mark ? { mark } : {}),
      action,
    },
  ];
}

function network(address: unknown, length: unknown): Cidr4 | undefined {
  const ip = ip4(address);
  return ip && { address: ip, length: typeof length === "number" ? length : 32 };
}

function parseAction(rule: Json): RuleAction {
  if ("goto" in rule) return { to: "goto", preference: number(rule.goto) };
  if ("nop" in rule) return { to: "nop" };
  if (text(rule.action) === "unreachable") return { to: "unreachable" };
  const name = text(rule.table);
  const without = text(rule.suppress_ifgroup);
  const table = name === "main" || name === "default" ? name : number(rule.table);
  return { to: "lookup", table, ...(without ? { without } : {}) };
}

function parseNeighbour(entry: Json): Resource[] {
  const ip = ip4(entry.dst);
  const lladdr = mac(entry.lladdr);
  if (!ours(entry) || !ip || !lladdr) return [];
  return [{ kind: "neighbour", ifname: text(entry.dev), ip, mac: lladdr }];
}

/** @param raw6 the table for forwarded IPv6, of which the rules are counted */
function parseNft(raw: unknown, raw6: unknown): { resources: Resource[]; saved: Map<string, string> } {
  const saved = new Map<string, string>();
  const items = list(object(raw).nftables);
  const items6 = list(object(raw6).nftables);
  const rules = [...items, ...items6].filter((item) => "rule" in item).length;
  const resources = items.flatMap((item): Resource[] => {
    const revision = /^rev_([0-9a-f]+)_\d+$/.exec(text(object(item.chain).name))?.[1];
    if (revision) return [{ kind: "ruleset", revision: `${revision}_${rules}` }];
    return parseElements(object(item.set ?? item.map), saved);
  });
  // Somebody took the other table away, or what was in it.
  const isRest = [...items, ...items6].some((item) => "table" in item);
  const isNamed = resources.some((r) => r.kind === "ruleset");
  return {
    resources: isRest && !isNamed ? [...resources, { kind: "ruleset", revision: `_${rules}` }] : resources,
    saved,
  };
}

/** What stands in the sets and maps of our table, from a list of whole rulesets. */
export const elementsIn = (raw: unknown): readonly Element[] =>
  list(object(raw).nftables)
    .map((item) => object(item.set ?? item.map))
    .filter((set) => text(set.family) === nftTable.family && text(set.table) === nftTable.name)
    .flatMap((set) => parseElements(set, new Map()))
    .filter((r): r is Element => r.kind === "element");

function parseElements(set: Json, saved: Map<string, string>): Resource[] {
  const name = text(set.name);
  const elements: unknown[] = Array.isArray(set.elem) ? set.elem : [];
  if (name === "saved") for (const e of elements) readSaved(text(object(object(e).elem).comment), saved);
  const known = setNames.find((one) => one === name);
  return known ? elements.flatMap((e) => parseElement(known, e)) : [];
}

/** Of a map nft prints pairs. */
function parseElement(set: SetName, element: unknown): Resource[] {
  const [key, value] = sets[set].kind === "map" && Array.isArray(element) ? element : [element, undefined];
  const keyText = partsOf(key);
  if (keyText === "") return [];
  const map = value === undefined ? {} : { value: partsOf(value) };
  return [{ kind: "element", set, key: keyText, ...map }];
}

/** `192.0.2.1 . tcp . 80`; interface names stand in quotes, as in what we write. */
function partsOf(raw: unknown): string {
  const { concat } = object(raw);
  const parts: readonly unknown[] = Array.isArray(concat) ? concat : [raw];
  return parts.map(partOf).join(" . ");
}

function partOf(raw: unknown): string {
  const { prefix } = object(raw);
  if (prefix) return `${text(object(prefix).addr)}/${number(object(prefix).len)}`;
  return identityMac(text(raw)) ? JSON.stringify(raw) : String(raw ?? "");
}

function readSaved(comment: string, saved: Map<string, string>): void {
  const at = comment.indexOf("=");
  if (at > 0) saved.set(comment.slice(0, at), comment.slice(at + 1));
}
