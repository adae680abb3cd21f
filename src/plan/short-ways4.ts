/**
 * The shorter way for plain IPv4: from the LAN port straight to the router by the device's identity. It stands in maps, not in chains, so that a thousand devices are a few hundred kilobytes to the
 * kernel; what many of them share, as the router, is one chain.
 */
import { type Cidr4, formatCidr4 } from "../base/cidr4.ts";
import type { Ip4 } from "../base/ip4.ts";
import { lanIpOf } from "./device-table.ts";
import { identityMac, shortWayMark } from "./marks.ts";
import type { ResourceMap, Route } from "./resource.ts";
import { revisionOf } from "./revision.ts";

export interface ShortWay4 {
  readonly family: 4;
  /** The identity. */
  readonly ifname: string;
  /** As the LAN knows the device. */
  readonly inner: Ip4;
  /** As the WAN does. */
  readonly outer: Ip4;
  /** The default one, whose MAC is known. */
  readonly router: Ip4;
  /** Bytes, of the identity. */
  readonly mtu: number;
  /** Where that router does not lead, as `192.0.2.0/24`: the link itself, and what other routers have. */
  readonly except: readonly string[];
}

/** Those of the devices that the resources are of. */
export function shortWays4Of(desired: ResourceMap, lan: Cidr4): ShortWay4[] {
  const routes = new Map<number, Route[]>();
  for (const r of desired.values()) {
    if (r.kind !== "route" || !identityMac(r.ifname)) continue;
    const others = routes.get(r.table);
    if (others) others.push(r);
    else routes.set(r.table, [r]);
  }
  return [...routes].flatMap(([table, its]) => wayOf(desired, lanIpOf(lan, table), its));
}

function wayOf(desired: ResourceMap, inner: Ip4 | undefined, routes: readonly Route[]): ShortWay4[] {
  const main = routes.find(({ destination }) => destination.length === 0);
  if (!inner || !main?.via) return [];
  const { ifname, via: router, source: outer } = main;
  const identity = desired.get(`identity ${ifname}`);
  if (identity?.kind !== "identity" || !desired.has(`neighbour ${ifname} ${router}`)) return [];
  const except = routes
    .filter(({ destination, via }) => destination.length > 0 && via !== router)
    .map(({ destination }) => formatCidr4(destination))
    .sort();
  return [{ family: 4, ifname, inner, outer, router, mtu: identity.mtu, except }];
}

/** The rule for those of these packets that are to be written down if they really leave: what a device itself has begun, as nobody else has marked it. */
export const renderNoted4 = (packets: string): string =>
  `    meta l4proto udp ${packets} meta mark 0 ct status & dnat == 0 meta mark set ${shortWayMark.value} accept\n`;

const flow = "ip saddr . ip daddr . udp sport . udp dport";

/** The most that a LAN may have. */
const size = 16_384;

const renderMap = (name: string, type: string): string => `  map ${name} {
    type ipv4_addr : ${type}
    size ${size}
  }
`;

/**
 * Sets, maps and hooks, inside the table. Fragments, options, the end of the hop limit, and whatever has a class of service or was given one by others, are left to the whole way.
 */
export const renderBase4 = (lanPort: string, wanPort: string): string => `  set flows4 {
    type ipv4_addr . ipv4_addr . inet_service . inet_service
    size 65535
    flags dynamic,timeout
    timeout 2s
  }
${renderMap("ways4", "verdict")}${renderMap("outer4", "ipv4_addr")}${renderMap("inner4", "ipv4_addr")}${renderMap("port4", "iface_index")}  chain arriving4 {
    type filter hook ingress device ${JSON.stringify(lanPort)} priority filter; policy accept;
    ip protocol udp meta pkttype host ip hdrlength 5 ip dscp 0 ip frag-off & 0x3fff == 0 ip ttl > 1 ip saddr vmap @ways4
  }
  chain leaving4 {
    type filter hook egress device ${JSON.stringify(wanPort)} priority filter; policy accept;
    meta mark ${shortWayMark.value} meta priority 0:0 ip protocol udp ip dscp 0 update @flows4 { ${flow} }
  }
`;

/** What a device's address leads to. */
const chainOf = ({ router, mtu, except }: ShortWay4): string =>
  `by_${revisionOf([router, mtu, ...except].join(" "))}`;

/** What is found under no flow goes on as it came. Where the kernel knows the identity's interface no more it does nothing at `fwd`. */
const rules = ({ router, mtu, except }: ShortWay4): string[] => [
  ...except.map((destination) => `ip daddr ${destination} accept`),
  `ip length > ${mtu} accept`,
  "ip saddr set ip saddr map @outer4",
  `${flow} @flows4 fwd ip to ${router} device ip saddr map @port4`,
  "ip saddr set ip saddr map @inner4",
];

/** @param ways of none of which the kernel knows anything */
export function renderBegin4(table: string, ways: readonly ShortWay4[]): string {
  if (ways.length === 0) return "";
  const chains = new Map(ways.map((way) => [chainOf(way), rules(way)]));
  const text = [...chains].map(([name, lines]) => renderChain(`${table} ${name}`, lines)).join("");
  const elements = (map: string, entry: (way: ShortWay4) => string): string =>
    `add element ${table} ${map} { ${ways.map(entry).join(", ")} }\n`;
  return `${text}${elements("outer4", ({ inner, outer }) => `${inner} : ${outer}`)}${elements(
    "inner4",
    ({ inner, outer }) => `${outer} : ${inner}`,
  )}${elements("port4", ({ outer, ifname }) => `${outer} : "${ifname}"`)}${elements(
    "ways4",
    (way) => `${way.inner} : goto ${chainOf(way)}`,
  )}`;
}

/** Whether it was there or not. */
const renderChain = (chain: string, lines: readonly string[]): string =>
  [`add chain ${chain}`, `flush chain ${chain}`, ...lines.map((line) => `add rule ${chain} ${line}`)]
    .map((line) => `${line}\n`)
    .join("");

/** @param ways as the kernel has them; a chain that nobody uses any more stays until the table is made anew */
export const renderEnd4 = (table: string, ways: readonly ShortWay4[]): string =>
  ways.length === 0
    ? ""
    : ["ways4", "outer4", "inner4", "port4"]
        .map((map, n) => {
          const keys = ways.map(({ inner, outer }) => (n < 2 ? inner : outer));
          return `delete element ${table} ${map} { ${keys.join(", ")} }\n`;
        })
        .join("");
