/** What the routers of the WAN offer, as a plain value without times: equal text, equal network. */
import { type Cidr6, formatCidr6 } from "../../base/cidr6.ts";
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import type { Network6Plan, RouterPlan } from "../../plan/desired6.ts";

/** `mac` is known: it stood in the advertisement. */
export interface Router6 extends RouterPlan {
  readonly mac: Mac;
}

export interface Network6 extends Network6Plan {
  /** Default routers that can be used now, best first: by preference, then the one known longest. */
  readonly routers: readonly Router6[];
  /** Prefixes that addresses are formed from (A flag), and those of an earlier run that nobody has confirmed yet. */
  readonly autonomous: readonly Cidr6[];
  /** M flag of any router that lives. */
  readonly managed: boolean;
  /** O flag of any router that lives. */
  readonly otherConfig: boolean;
  /** RFC 8106; those of the best router first. A link-local one is on the WAN link. */
  readonly rdnss: readonly Ip6[];
  readonly dnssl: readonly string[];
  /** RFC 8781; those of the best router first. */
  readonly pref64: readonly Cidr6[];
  /** Bytes: the smallest that a living router asks for. */
  readonly mtu?: number;
  /** Prefixes that hold no more: no address of them may be used. */
  readonly withdrawn: readonly Cidr6[];
  /** Advertised beyond any measure; the kernel may have formed addresses of them all the same. */
  readonly ignored: readonly Cidr6[];
  /** Whether a router advertisement was heard since the start. */
  readonly heard: boolean;
}

export const nothingHeard: Network6 = {
  routers: [],
  onLink: [],
  autonomous: [],
  managed: false,
  otherConfig: false,
  rdnss: [],
  dnssl: [],
  pref64: [],
  withdrawn: [],
  ignored: [],
  heard: false,
};

/** Of these no address may be used. */
export const unwantedPrefixes = ({ withdrawn, ignored }: Network6): readonly Cidr6[] => [
  ...withdrawn,
  ...ignored,
];

export const networkText = (network: Network6): string => JSON.stringify(network);

/** One line for a person, e.g. `prefix 2001:db8:1::/64 via fe80::1, addresses by DHCPv6`. */
export function describe(network: Network6): string {
  const { routers, onLink, autonomous, managed, otherConfig, pref64 } = network;
  const routed = new Set(routers.flatMap(({ prefixes }) => prefixes.map(formatCidr6)));
  const local = new Set([...onLink, ...autonomous].map(formatCidr6).filter((text) => !routed.has(text)));
  const parts = [
    ...routers.flatMap(({ address, prefixes }) =>
      prefixes.length > 0
        ? prefixes.map((prefix) => `prefix ${formatCidr6(prefix)} via ${address}`)
        : [`router ${address}`],
    ),
    ...[...local].map((text) => `prefix ${text} without a router`),
    ...(managed ? ["addresses by DHCPv6"] : []),
    ...(otherConfig && !managed ? ["settings by DHCPv6"] : []),
    ...pref64.map((prefix) => `NAT64 ${formatCidr6(prefix)}`),
  ];
  return parts.length > 0 ? parts.join(", ") : "no IPv6 router";
}
