/** The shorter way for what the translator has made of the devices' IPv4: from its interface straight to the router by the identity. */
import { contains6 } from "../base/cidr6.ts";
import type { Ip6 } from "../base/ip6.ts";
import { innerPrefix, setMark, shortWayMark, sourceTable, translatorName } from "./marks.ts";
import type { ResourceMap } from "./resource.ts";

export interface ShortWay6 {
  readonly family: 6;
  /** The identity. */
  readonly ifname: string;
  /** As which it comes out of the translator. */
  readonly inner: Ip6;
  /** What may stand in that place on the WAN; connection tracking chooses. */
  readonly addresses: readonly Ip6[];
  readonly router: Ip6;
}

/** Those of the devices that the resources are of. */
export function shortWays6Of(desired: ResourceMap): ShortWay6[] {
  const addresses = new Map<string, Ip6[]>();
  const ways = new Map<string, { readonly inner: Ip6; readonly router: Ip6 }>();
  for (const r of desired.values()) {
    if (r.kind === "address6" && !r.deprecated)
      addresses.set(r.ifname, [...(addresses.get(r.ifname) ?? []), r.ip]);
    if (r.kind === "route6" && r.table === sourceTable && r.from && r.via && contains6(innerPrefix, r.from))
      ways.set(r.ifname, { inner: r.from, router: r.via });
  }
  return [...ways].flatMap(([ifname, way]) => {
    const own = addresses.get(ifname);
    return own ? [{ family: 6, ifname, ...way, addresses: own } as const] : [];
  });
}

/** The statement for what is to be written down, if it really leaves. */
export const renderNoted6 = `    iifname "${translatorName}" oifname "gw*" meta nfproto ipv6 meta l4proto udp ${setMark(shortWayMark)}\n`;

const flow = "ip6 saddr . ip6 daddr . udp sport . udp dport";

/** Set, map and hooks, inside the table. */
export const renderBase6 = (wanPort: string): string => `  set flows6 {
    type ipv6_addr . ipv6_addr . inet_service . inet_service
    size 65535
    flags dynamic,timeout
    timeout 2s
  }
  map ways6 {
    type ipv6_addr : verdict
  }
  chain translated6 {
    type filter hook ingress device "${translatorName}" priority filter; policy accept;
    ip6 nexthdr udp ip6 hoplimit > 1 ip6 saddr vmap @ways6
  }
  chain leaving6 {
    type filter hook egress device ${JSON.stringify(wanPort)} priority filter; policy accept;
    meta mark & ${shortWayMark.mask} == ${shortWayMark.value} ip6 nexthdr udp update @flows6 { ${flow} }
  }
`;

/** What is found under no flow goes on as it came. A kernel that knows the identity's interface no more does nothing at `fwd`. */
const rules = ({ ifname, inner, addresses, router }: ShortWay6): string[] => [
  ...addresses.flatMap((address) => [
    `ip6 saddr set ${address}`,
    `${flow} @flows6 fwd ip6 to ${router} device "${ifname}"`,
  ]),
  `ip6 saddr set ${inner}`,
];

/** @param ways of none of which the kernel knows anything */
export const renderBegin6 = (table: string, ways: readonly ShortWay6[]): string =>
  ways
    .flatMap((way) => [
      `add chain ${table} ${way.ifname}`,
      ...rules(way).map((rule) => `add rule ${table} ${way.ifname} ${rule}`),
      `add element ${table} ways6 { ${way.inner} : goto ${way.ifname} }`,
    ])
    .map((line) => `${line}\n`)
    .join("");

/** @param ways as the kernel has them */
export const renderEnd6 = (table: string, ways: readonly ShortWay6[]): string =>
  ways
    .map(({ inner, ifname }) => {
      const chain = `${table} ${ifname}`;
      return `delete element ${table} ways6 { ${inner} }\nflush chain ${chain}\ndelete chain ${chain}\n`;
    })
    .join("");
