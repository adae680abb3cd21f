/**
 * How a port was before us, as entries of our table's set `saved`, so that `cleanup` needs no state file. Keys: `port eth0 state`, `port eth0 group`,
 * `port eth0 address6 IP`, `port eth0 route6 DESTINATION table TABLE metric METRIC`; values are words of iproute2.
 */
import { ip6, type Json, list, number, object, text } from "./json-fields.ts";
import { wanGroup } from "./marks.ts";
import type { Port } from "./resource.ts";

export type Memory = ReadonlyMap<string, string>;

export const portKey = (ifname: string, what: string): string => `port ${ifname} ${what}`;

/** What an entry is about; undefined: it is a setting under /proc/sys. */
export interface PortKey {
  readonly ifname: string;
  readonly what: string;
  /** Empty for `state` and `group`. */
  readonly rest: string;
}

export function readPortKey(key: string): PortKey | undefined {
  const [, ifname, what, rest = ""] = /^port (\S+) (\S+)(?: (.+))?$/.exec(key) ?? [];
  return ifname && what ? { ifname, what, rest } : undefined;
}

/** Our own group is no state from before us: then that is not known any more. */
export const rememberPort = (was: Port): Memory =>
  new Map([
    [portKey(was.ifname, "state"), was.up ? "up" : "down"],
    [portKey(was.ifname, "group"), was.group === undefined || was.group === wanGroup ? "default" : was.group],
  ]);

export interface Ipv6Memory {
  readonly entries: Memory;
  /** The same for people, as `2001:db8::5/64` and `default via fe80::1`. */
  readonly shown: readonly string[];
  /** What has no room in an entry, for people. */
  readonly tooLong: readonly string[];
}

/** Octets of a comment in nftables, its end left out. */
const longest = 127;
/** 2^32-1: for ever. */
const forever = 4_294_967_295;

/**
 * What turning IPv6 off takes from a port and somebody configured: addresses and routes without a lifetime. What advertisements and leases gave comes again by itself.
 * @param addresses `ip -6 -details -json address show dev IFNAME`
 * @param routes `ip -6 -details -json route show table all dev IFNAME`
 */
export function rememberIpv6(ifname: string, addresses: unknown, routes: unknown): Ipv6Memory {
  const found = [
    ...list(addresses).flatMap((link) => list(link.addr_info).flatMap((a) => readAddress(ifname, a))),
    ...list(routes).flatMap((route) => readRoute(ifname, route)),
  ];
  const fits = ({ key, value }: Found): boolean => `${key}=${value}`.length <= longest;
  return {
    entries: new Map(found.filter(fits).map(({ key, value }) => [key, value])),
    shown: found.filter(fits).map(({ shown }) => shown),
    tooLong: found.filter((f) => !fits(f)).map(({ shown }) => shown),
  };
}

interface Found {
  readonly key: string;
  readonly value: string;
  readonly shown: string;
}

function readAddress(ifname: string, info: Json): Found[] {
  const ip = ip6(info.local);
  const lasts = info.dynamic !== true && number(info.valid_life_time) === forever;
  if (!ip || !lasts || text(info.scope) === "link") return [];
  const flags = ["nodad", "noprefixroute"].filter((flag) => info[flag] === true);
  const value = [String(number(info.prefixlen)), ...flags].join(" ");
  return [{ key: portKey(ifname, `address6 ${ip}`), value, shown: `${ip}/${number(info.prefixlen)}` }];
}

/** Not put there by anybody who will not put them again. */
const passing: ReadonlySet<string> = new Set(["kernel", "ra", "redirect"]);

function readRoute(ifname: string, route: Json): Found[] {
  const [dst, table, protocol] = [text(route.dst), text(route.table), text(route.protocol)];
  if (text(route.type) !== "unicast" || passing.has(protocol) || "expires" in route || !dst) return [];
  const via = ip6(route.gateway);
  const source = ip6(route.prefsrc);
  const mtu = list(route.metrics).map((m) => number(object(m).mtu))[0];
  const way = [
    ...(via ? [`via ${via}`] : []),
    ...(source ? [`src ${source}`] : []),
    ...(mtu ? [`mtu ${mtu}`] : []),
    ...(Array.isArray(route.flags) && route.flags.includes("onlink") ? ["onlink"] : []),
    `protocol ${protocol}`,
  ];
  const key = portKey(ifname, `route6 ${dst} table ${table} metric ${number(route.metric)}`);
  return [{ key, value: way.join(" "), shown: via ? `${dst} via ${via}` : dst }];
}

/** An `ip` line that puts an entry back. */
export interface Restoring {
  readonly key: string;
  readonly line: string;
}

export interface RestoringPort {
  /** Before settings are put back: a port that was down must not speak by them. */
  readonly before: readonly Restoring[];
  /** After, addresses ahead of routes; for `ip -6`. */
  readonly after: readonly Restoring[];
}

export function renderRestoring(memory: Memory): RestoringPort {
  const pick = (what: string, render: (port: PortKey, value: string) => string): Restoring[] =>
    [...memory].flatMap(([key, value]) => {
      const port = readPortKey(key);
      const line = port?.what === what ? render(port, value) : "";
      return line === "" ? [] : [{ key, line }];
    });
  const isDown = (ifname: string): boolean => memory.get(portKey(ifname, "state")) === "down";
  return {
    before: [
      ...pick("state", ({ ifname }, state) => (state === "down" ? `link set dev ${ifname} down` : "")),
      ...pick("group", ({ ifname }, group) => `link set dev ${ifname} group ${group}`),
    ],
    after: [
      ...pick("address6", ({ ifname, rest: ip }, value) => {
        const [length, ...flags] = value.split(" ");
        return [`address add ${ip}/${length} dev ${ifname}`, ...flags].join(" ");
      }),
      // There are none on a port that is down.
      ...pick("route6", ({ ifname, rest: target }, way) =>
        isDown(ifname) ? "" : `route add ${target} dev ${ifname} ${way}`,
      ),
    ],
  };
}
