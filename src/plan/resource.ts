/** The pieces of kernel state the gateway wants or finds, each with a key: two of one key are the same thing, perhaps with other values. */
import type { Cidr4 } from "../base/cidr4.ts";
import { formatCidr4 } from "../base/cidr4.ts";
import type { Ip4 } from "../base/ip4.ts";
import type { Mac } from "../base/mac.ts";
import { type Resource6, resourceKey6, withoutText } from "./resource6.ts";
import type { SetName } from "./sets.ts";

/** An identity: a macvlan in private mode on the WAN port. `up` implies that its settings were made before. */
export interface Identity {
  readonly kind: "identity";
  readonly ifname: string;
  readonly mac: Mac;
  readonly parent: string;
  /** Bytes. */
  readonly mtu: number;
  /** As iproute2 prints it. */
  readonly group: string;
  readonly up: boolean;
}

/** The interface that leads to the translator; it is there whether or not that runs. `up` implies that its settings were made before. */
export interface Tunnel {
  readonly kind: "tunnel";
  readonly ifname: string;
  /** A cable to another namespace; absent: a tun device, for a program. */
  readonly medium?: "veth";
  /** Bytes. */
  readonly mtu: number;
  /** As iproute2 prints it. */
  readonly group: string;
  readonly up: boolean;
}

/** The LAN or WAN port itself: only ever set up, never down, never renamed. */
export interface Port {
  readonly kind: "port";
  readonly ifname: string;
  readonly up: boolean;
  /** Wanted: absent where any will do. Found: as iproute2 prints it. */
  readonly group?: string;
}

export interface Address {
  readonly kind: "address";
  readonly ifname: string;
  readonly ip: Ip4;
  readonly length: number;
  /** Present on the LAN port: marks the address as ours. */
  readonly metric?: number;
}

export interface Route {
  readonly kind: "route";
  readonly table: number;
  readonly destination: Cidr4;
  /** Absent: on-link. */
  readonly via?: Ip4;
  readonly ifname: string;
  readonly source: Ip4;
}

export type RuleAction =
  | { readonly to: "goto"; readonly preference: number }
  | {
      readonly to: "lookup";
      readonly table: number | "main" | "default";
      /** Routes through interfaces of this group are passed over. */
      readonly without?: string;
    }
  | { readonly to: "unreachable" }
  | { readonly to: "nop" };

export interface Rule {
  readonly kind: "rule";
  readonly preference: number;
  /** Turns the whole condition round. */
  readonly not?: boolean;
  readonly from?: Cidr4;
  readonly destination?: Cidr4;
  readonly iif?: string;
  /** As iproute2 writes it: `0x71710000/0xffff0000`. */
  readonly mark?: string;
  readonly action: RuleAction;
}

/** A neighbour entry we keep, so that a thousand identities need one resolution. */
export interface Neighbour {
  readonly kind: "neighbour";
  readonly ifname: string;
  readonly ip: Ip4;
  readonly mac: Mac;
}

/** Chains, rules and empty sets; `revision` names this exact text. */
export interface Ruleset {
  readonly kind: "ruleset";
  readonly revision: string;
}

/** An element of one of our sets or maps. */
export interface Element {
  readonly kind: "element";
  readonly set: SetName;
  readonly key: string;
  /** Of a map. */
  readonly value?: string;
}

/** As nft writes it. */
export const elementText = ({ key, value }: Element): string =>
  value === undefined ? key : `${key} : ${value}`;

/** A setting under /proc/sys that is not an identity's own. */
export interface Sysctl {
  readonly kind: "sysctl";
  readonly key: string;
  readonly value: string;
}

export type Resource =
  | Identity
  | Port
  | Tunnel
  | Address
  | Route
  | Rule
  | Neighbour
  | Ruleset
  | Element
  | Sysctl
  | Resource6;

const selector = (rule: Rule): string =>
  [
    rule.not ? "not" : "",
    rule.from ? formatCidr4(rule.from) : "",
    rule.destination ? formatCidr4(rule.destination) : "",
    rule.iif ?? "",
    ...(rule.mark ? [rule.mark] : []),
  ].join("|");

export function resourceKey(r: Resource): string {
  switch (r.kind) {
    case "identity":
    case "port":
    case "tunnel":
      return `${r.kind} ${r.ifname}`;
    case "address":
      return `address ${r.ifname} ${r.ip}`;
    case "route":
      return `route ${r.table} ${formatCidr4(r.destination)}`;
    case "rule":
      return `rule ${r.preference} ${selector(r)} ${ruleActionKey(r.action)}`;
    case "neighbour":
      return `neighbour ${r.ifname} ${r.ip}`;
    case "ruleset":
      return "ruleset";
    case "element":
      return `element ${r.set} ${r.key}`;
    case "sysctl":
      return `sysctl ${r.key}`;
    case "address6":
    case "route6":
    case "rule6":
    case "neighbour6":
      return resourceKey6(r);
  }
}

/** Where it leads is no part of what makes two `goto` rules the same to the kernel. */
const ruleActionKey = (action: RuleAction): string => (action.to === "goto" ? action.to : actionText(action));

export function actionText(action: RuleAction): string {
  switch (action.to) {
    case "goto":
      return `goto ${action.preference}`;
    case "lookup":
      return `lookup ${action.table}${withoutText(action.without)}`;
    case "unreachable":
    case "nop":
      return `type ${action.to}`;
  }
}

/** Everything of one moment, by key. */
export type ResourceMap = ReadonlyMap<string, Resource>;

export function byKey(resources: Iterable<Resource>): Map<string, Resource> {
  const map = new Map<string, Resource>();
  for (const r of resources) map.set(resourceKey(r), r);
  return map;
}

/** How many there are of each kind, for people: both families together. */
export function countKinds(resources: readonly Resource[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of resources) {
    const name = kind.replace(/6$/, "");
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
