/** Neighbour discovery messages as values (RFC 4861). Codecs: parse.ts, emit.ts; the options of a router advertisement in options.ts. */
import type { Cidr6 } from "../../base/cidr6.ts";
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import type { Duration } from "../../base/time.ts";

/** RFC 4191 section 2.1; the reserved value reads as medium. */
export type RouterPreference = "high" | "medium" | "low";

/** RFC 4861 section 4.6.2. A lifetime of 0xffffffff is `forever`. */
export interface PrefixInformation {
  readonly prefix: Cidr6;
  readonly onLink: boolean;
  readonly autonomous: boolean;
  readonly validLifetime: Duration;
  readonly preferredLifetime: Duration;
}

/** RFC 4861 section 4.2 and the options of RFC 4191, 8106 and 8781; malformed options are left out, the message is kept. */
export interface RouterAdvert {
  readonly kind: "router-advert";
  readonly hopLimit: number;
  readonly managed: boolean;
  readonly otherConfig: boolean;
  readonly preference: RouterPreference;
  /** Zero: not a default router. */
  readonly routerLifetime: Duration;
  readonly reachableTime: Duration;
  readonly retransTimer: Duration;
  /** Source link-layer address option. */
  readonly sourceMac?: Mac;
  /** Bytes; at least 1280, smaller ones are left out. */
  readonly mtu?: number;
  readonly prefixes: readonly PrefixInformation[];
  readonly routes: readonly {
    readonly prefix: Cidr6;
    readonly preference: RouterPreference;
    readonly lifetime: Duration;
  }[];
  readonly rdnss: readonly { readonly lifetime: Duration; readonly servers: readonly Ip6[] }[];
  readonly dnssl: readonly { readonly lifetime: Duration; readonly domains: readonly string[] }[];
  /** RFC 8781: the 13-bit lifetime in units of 8 s; prefix length 96, 64, 56, 48, 40 or 32. */
  readonly pref64: readonly { readonly lifetime: Duration; readonly prefix: Cidr6 }[];
}

export interface RouterSolicit {
  readonly kind: "router-solicit";
  readonly sourceMac?: Mac;
}

/** With the source `::` it is a DAD probe for `target` (RFC 4862 section 5.4.2). */
export interface NeighbourSolicit {
  readonly kind: "neighbour-solicit";
  readonly target: Ip6;
  readonly sourceMac?: Mac;
}

export interface NeighbourAdvert {
  readonly kind: "neighbour-advert";
  readonly target: Ip6;
  readonly router: boolean;
  readonly solicited: boolean;
  readonly override: boolean;
  readonly targetMac?: Mac;
}

export type NdMessage = RouterAdvert | RouterSolicit | NeighbourSolicit | NeighbourAdvert;

/** A whole frame. Hop limit is always 255: others are refused when parsed (RFC 4861 section 6.1). */
export interface NdFrame {
  readonly sourceMac: Mac;
  readonly destinationMac: Mac;
  readonly source: Ip6;
  readonly destination: Ip6;
  readonly message: NdMessage;
}
