/** What the plan knows of IPv6: what it is told to make, and what is there. */
import type { Cidr6 } from "../base/cidr6.ts";
import type { Ip6 } from "../base/ip6.ts";
import type { Mac } from "../base/mac.ts";

/** What a device's identity carries on IPv6, besides the link-local address, which is the kernel's. */
export interface Ipv6Plan {
  /** Given by DHCPv6: put on the identity as /128, deprecated ones with a preferred lifetime of 0. */
  readonly leased: readonly { readonly address: Ip6; readonly deprecated: boolean }[];
  /** Made by the kernel from router advertisements and to be kept; others of its making are removed. */
  readonly slaac: readonly Ip6[];
}

export interface RouterPlan {
  /** Link-local. */
  readonly address: Ip6;
  /** Resolved once for all identities. */
  readonly mac?: Mac;
  readonly preference: "high" | "medium" | "low";
  /** What this router advertised. */
  readonly prefixes: readonly Cidr6[];
  /** Those of them that it says are on the link. */
  readonly onLink: readonly Cidr6[];
}

/** The WAN, as router advertisements tell of it. */
export interface Network6Plan {
  /** Usable default routers, best first. */
  readonly routers: readonly RouterPlan[];
  readonly onLink: readonly Cidr6[];
}

/** An IPv6 address that is on an identity. */
export interface Address6Fact {
  readonly ip: Ip6;
  readonly length: number;
  /** `slaac`: made by the kernel from a router advertisement. `leased`: put by us. */
  readonly origin: "slaac" | "leased" | "link-local" | "other";
  /** `usable` includes optimistic addresses (RFC 4429); a `duplicate` failed duplicate address detection. */
  readonly state: "tentative" | "usable" | "deprecated" | "duplicate";
}

/** By interface name. */
export type Addresses6 = ReadonlyMap<string, readonly Address6Fact[]>;
