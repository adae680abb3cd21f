/** The pieces of kernel state that IPv6 has and IPv4 has not, or has in another shape. */
import { type Cidr6, formatCidr6 } from "../base/cidr6.ts";
import type { Ip6 } from "../base/ip6.ts";
import type { Mac } from "../base/mac.ts";
import type { Address6Fact } from "./desired6.ts";

/** A global address of an identity; its link-local one is the kernel's own affair. */
export interface Address6 {
  readonly kind: "address6";
  readonly ifname: string;
  readonly ip: Ip6;
  readonly length: number;
  /** Those of `slaac` are the kernel's to put: we keep or remove them. `other` is never wanted. */
  readonly origin: Exclude<Address6Fact["origin"], "link-local">;
  /** Of leased ones: nothing new starts from it. */
  readonly deprecated?: true;
}

export interface Route6 {
  readonly kind: "route6";
  readonly table: number;
  readonly destination: Cidr6;
  /** Only for packets with this source. */
  readonly from?: Ip6;
  /** Absent: on-link. */
  readonly via?: Ip6;
  readonly ifname: string;
  /** For packets that have no source yet. */
  readonly source?: Ip6;
}

export interface Rule6 {
  readonly kind: "rule6";
  readonly preference: number;
  readonly iif?: string;
  readonly table: number | "main";
  /** Routes through interfaces of this group are passed over. */
  readonly without?: string;
}

/** A router's entry that we keep, so that a thousand identities need one resolution. */
export interface Neighbour6 {
  readonly kind: "neighbour6";
  readonly ifname: string;
  readonly ip: Ip6;
  readonly mac: Mac;
}

export type Resource6 = Address6 | Route6 | Rule6 | Neighbour6;

export function resourceKey6(r: Resource6): string {
  switch (r.kind) {
    case "address6":
    case "neighbour6":
      return `${r.kind} ${r.ifname} ${r.ip}`;
    case "route6":
      return `route6 ${r.table} ${formatCidr6(r.destination)} ${r.from ?? ""}`;
    case "rule6":
      return `rule6 ${r.preference} ${r.iif ?? ""} ${r.table}${withoutText(r.without)}`;
  }
}

/** Of a rule that looks into a table, in iproute2's words. */
export const withoutText = (group: string | undefined): string =>
  group === undefined ? "" : ` suppress_ifgroup ${group}`;
