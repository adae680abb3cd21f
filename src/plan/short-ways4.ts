/**
 * The shorter way for plain IPv4: from the LAN port straight to the router by the device's identity. It stands in maps, not in chains, so that a thousand devices are a few hundred kilobytes to the
 * kernel; what many of them share, as the router, is one chain.
 */
import type { Cidr4 } from "../base/cidr4.ts";
import type { Ip4 } from "../base/ip4.ts";
import type { Mac } from "../base/mac.ts";
import { lanIpOf } from "./device-table.ts";
import { shortWayMark } from "./marks.ts";
import type { ResourceMap, Route } from "./resource.ts";

export interface ShortWay4 {
  readonly family: 4;
  /** The identity. */
  readonly ifname: string;
  readonly mac: Mac;
  /** As the LAN knows the device. */
  readonly inner: Ip4;
  /** As the WAN does. */
  readonly outer: Ip4;
  /** The default one. */
  readonly router: Ip4;
  readonly routerMac: Mac;
  /** Bytes, of the identity. */
  readonly mtu: number;
}

/** Those of the devices that the resources are of. */
export function shortWays4Of(desired: ResourceMap, lan: Cidr4): ShortWay4[] {
  return [...desired.values()].flatMap((r) => (r.kind === "route" ? wayOf(desired, lan, r) : []));
}

/** A device has a way where it has a default router whose MAC is known. */
function wayOf(desired: ResourceMap, lan: Cidr4, route: Route): ShortWay4[] {
  const { ifname, via: router, source: outer, destination } = route;
  const inner = lanIpOf(lan, route.table);
  const identity = desired.get(`identity ${ifname}`);
  const neighbour = desired.get(`neighbour ${ifname} ${router}`);
  if (!inner || !router || destination.length > 0) return [];
  if (identity?.kind !== "identity" || neighbour?.kind !== "neighbour") return [];
  const { mac, mtu } = identity;
  return [{ family: 4, ifname, mac, inner, outer, router, routerMac: neighbour.mac, mtu }];
}

/** The rule for those of these packets that are to be written down if they really leave: what a device itself has begun, as nobody else has marked it. */
export const renderNoted4 = (packets: string): string =>
  `    meta l4proto udp ${packets} meta mark 0 ct status & dnat == 0 meta mark set ${shortWayMark.value} accept\n`;

const mostDevices = 2 ** 16;

const flow = "ip saddr . ip daddr . udp sport . udp dport";

const renderMap = (name: string, type: string, size: number): string => `  map ${name} {
    type ipv4_addr : ${type}
    size ${size}
  }
`;

/**
 * Sets, maps and hooks, inside the table. Written down is what leaves for the device's default router, of no class of service and as nobody else has marked it. Each comparison costs every
 * datagram: what can be is told once, where the flow is written down, and several fields are looked at together. Fragments and the end of the hop limit go the whole way.
 */
export function renderBase4(lanPort: string, wanPort: string, lan: Cidr4): string {
  // Of a known size they are quicker; the kernel makes room for all of it.
  const size = Math.min(2 ** (32 - lan.length), mostDevices);
  return `  set flows4 {
    type ipv4_addr . ipv4_addr . inet_service . inet_service
    size 65535
    flags dynamic,timeout
    timeout 2s
  }
  set routers4 {
    type ether_addr . ether_addr
    size ${size}
  }
${renderMap("ways4", "verdict", size)}${renderMap("outer4", "ipv4_addr", size)}${renderMap("inner4", "ipv4_addr", size)}${renderMap("port4", "iface_index", size)}  chain arriving4 {
    type filter hook ingress device ${JSON.stringify(lanPort)} priority filter; policy accept;
    meta l4proto udp meta protocol ip meta pkttype host ip frag-off & 0x3fff == 0 ip ttl > 1 ip saddr vmap @ways4
  }
  chain leaving4 {
    type filter hook egress device ${JSON.stringify(wanPort)} priority filter; policy accept;
    meta mark ${shortWayMark.value} meta priority 0:0 ip protocol udp ip dscp 0 ether saddr . ether daddr @routers4 update @flows4 { ${flow} }
  }
`;
}

/** What those of one router and MTU share. */
const chainOf = ({ router, mtu }: ShortWay4): string => `by_${router.replaceAll(".", "_")}_${mtu}`;

/**
 * The first 32 bits of the header, without ECN: a length beyond the MTU, options and a class of service make them more than this (RFC 791). What is found under no flow goes on as it came. Where the
 * kernel knows the identity's interface no more it does nothing at `fwd`.
 */
const rules = ({ router, mtu }: ShortWay4): string[] => [
  `@nh,0,32 & 0xfffcffff > 0x${(0x45000000 + mtu).toString(16)} accept`,
  `ip saddr set ip saddr map @outer4 ${flow} @flows4 fwd ip to ${router} device ip saddr map @port4`,
  "ip saddr set ip saddr map @inner4",
];

/** What a device has in each set and map. */
const entries: Readonly<
  Record<string, { readonly key: (way: ShortWay4) => string; readonly value?: (way: ShortWay4) => string }>
> = {
  routers4: { key: ({ mac, routerMac }) => `${mac} . ${routerMac}` },
  outer4: { key: ({ inner }) => inner, value: ({ outer }) => outer },
  inner4: { key: ({ outer }) => outer, value: ({ inner }) => inner },
  port4: { key: ({ outer }) => outer, value: ({ ifname }) => `"${ifname}"` },
  ways4: { key: ({ inner }) => inner, value: (way) => `goto ${chainOf(way)}` },
};

/** @param ways of none of which the kernel knows anything */
export function renderBegin4(table: string, ways: readonly ShortWay4[]): string {
  if (ways.length === 0) return "";
  const chains = new Map(ways.map((way) => [chainOf(way), rules(way)]));
  const elements = Object.entries(entries).map(([name, { key, value }]) => {
    const texts = ways.map((way) => (value ? `${key(way)} : ${value(way)}` : key(way)));
    return `add element ${table} ${name} { ${texts.join(", ")} }\n`;
  });
  return (
    [...chains].map(([name, lines]) => renderChain(`${table} ${name}`, lines)).join("") + elements.join("")
  );
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
    : Object.entries(entries)
        .map(([name, { key }]) => `delete element ${table} ${name} { ${ways.map(key).join(", ")} }\n`)
        .reverse()
        .join("");
