/**
 * The IPv6 side of identities. Each address has routes that only packets with that source use (RFC 8028), all in one table: an answer
 * leaves through the identity that was asked, by the router that gave the address.
 */
import { anywhere6 } from "../base/cidr6.ts";
import type { Ip6 } from "../base/ip6.ts";
import type { Mac } from "../base/mac.ts";
import type { Address6Fact, Addresses6, Ipv6Plan, Network6Plan } from "./desired6.ts";
import { borrowTable, identityName, rulePreferences6, sourceTable, wanGroup } from "./marks.ts";
import type { Resource } from "./resource.ts";
import type { Address6, Route6 } from "./resource6.ts";
import { type Ways6, waysOf } from "./ways6.ts";

export interface Device6 {
  readonly mac: Mac;
  readonly ipv6?: Ipv6Plan;
}

export interface Around6 {
  readonly network6?: Network6Plan;
  readonly borrowed6?: Mac;
  readonly addresses6: Addresses6;
}

const noNetwork: Network6Plan = { routers: [], onLink: [] };
/** Bits of a prefix: what the kernel forms on Ethernet (RFC 2464 section 4). */
export const slaacLength = 64;

/** `listed`: whether the addresses are wanted in a set of our table too, for a WAN port that speaks for itself. */
export function planIdentities6(devices: readonly Device6[], around: Around6, listed: boolean): Resource[] {
  const resources = devices.flatMap((device) => planIdentity6(device, around, listed));
  const routed = resources.some((r) => r.kind === "route6");
  const lender = devices.find((d) => d.mac === around.borrowed6);
  return [...resources, ...(routed ? [bySource] : []), ...planBorrowed6(lender, around)];
}

/** What one device's identity has of IPv6. */
export function planIdentity6({ mac, ipv6 }: Device6, around: Around6, listed: boolean): Resource[] {
  const ifname = identityName(mac);
  const made = (around.addresses6.get(ifname) ?? []).filter((fact) => fact.origin === "slaac");
  if (!ipv6) return made.map((fact) => keep(ifname, fact));
  const ways = waysOf(around.network6 ?? noNetwork);
  const addresses = addressesOf(ipv6);
  return [
    ...planAddresses(ifname, ipv6),
    ...made.filter(isUnderWay).map((fact) => keep(ifname, fact)),
    ...addresses.flatMap((ip) => planRoutes(ways, { table: sourceTable, ifname, from: ip }, ip)),
    ...planNeighbours(ifname, addresses, ways),
    ...(listed ? addresses.map((key) => ({ kind: "element", set: "own6", key }) as const) : []),
  ];
}

/** Where any identity has routes of its own. */
export const bySource: Resource = {
  kind: "rule6",
  preference: rulePreferences6.source,
  table: sourceTable,
};

/** Leased and formed ones, each once. */
export const addressesOf = ({ leased, slaac }: Ipv6Plan): Ip6[] => [
  ...new Set([...leased.map((l) => l.address), ...slaac]),
];

/** An address of the kernel's making that stays. */
const keep = (ifname: string, { ip, length }: Address6Fact): Address6 => ({
  kind: "address6",
  ifname,
  ip,
  length,
  origin: "slaac",
});

/** What the kernel is still trying is not removed under its hands. */
const isUnderWay = ({ state }: Address6Fact): boolean => state === "tentative" || state === "duplicate";

/** Where a server leases what the kernel made already, the kernel's stays. */
const planAddresses = (ifname: string, { leased, slaac }: Ipv6Plan): Address6[] => [
  ...leased.map(({ address, deprecated }): Address6 => {
    const given = { kind: "address6", ifname, ip: address, length: 128, origin: "leased" } as const;
    return deprecated ? { ...given, deprecated } : given;
  }),
  ...slaac.map((ip): Address6 => ({ kind: "address6", ifname, ip, length: slaacLength, origin: "slaac" })),
];

type Way = Pick<Route6, "table" | "ifname" | "from" | "source">;

function planRoutes(ways: Ways6, way: Way, ip: Ip6): Route6[] {
  const router = ways.routerOf(ip);
  const links = ways.linksOf(ip).map((destination): Route6 => ({ kind: "route6", destination, ...way }));
  return router ? [...links, { kind: "route6", destination: anywhere6, via: router.address, ...way }] : links;
}

function planNeighbours(ifname: string, addresses: readonly Ip6[], ways: Ways6): Resource[] {
  const used = new Set(addresses.map((ip) => ways.routerOf(ip)));
  return [...used].flatMap((router) =>
    router?.mac ? [{ kind: "neighbour6", ifname, ip: router.address, mac: router.mac } as const] : [],
  );
}

/**
 * The gateway's own traffic leaves with an address of the lender, in a prefix that is advertised now: of a withdrawn one a lease may be
 * left. The kernel refuses a source that is not usable yet.
 */
export function planBorrowed6(lender: Device6 | undefined, around: Around6): Resource[] {
  if (!lender?.ipv6) return [];
  const ways = waysOf(around.network6 ?? noNetwork);
  const ifname = identityName(lender.mac);
  const facts = around.addresses6.get(ifname) ?? [];
  const usable = new Set(facts.filter((f) => f.state === "usable").map((f) => f.ip));
  const retired = new Set(lender.ipv6.leased.filter((l) => l.deprecated).map((l) => l.address));
  const source = addressesOf(lender.ipv6).find(
    (ip) => usable.has(ip) && !retired.has(ip) && ways.isCurrent(ip),
  );
  if (!source) return [];
  return [
    { kind: "rule6", preference: rulePreferences6.ownMain, iif: "lo", table: "main", without: wanGroup },
    { kind: "rule6", preference: rulePreferences6.borrow, iif: "lo", table: borrowTable },
    ...planRoutes(ways, { table: borrowTable, ifname, source }, source),
  ];
}
