/** Configuration and devices -> everything that should be in the kernel. */
import { type Cidr4, contains, type Interface4, networkOf } from "../base/cidr4.ts";
import { anyIp4, type Ip4 } from "../base/ip4.ts";
import type { Mac } from "../base/mac.ts";
import type { Addresses6, Ipv6Plan, Network6Plan } from "./desired6.ts";
import { tableOf } from "./device-table.ts";
import { planBorrowed6, planIdentities6, planIdentity6 } from "./identity6.ts";
import { answerMark, borrowTable, identityName, lanMetric, rulePreferences, wanGroup } from "./marks.ts";
import { byKey, type Element, type Resource, type ResourceMap, type RuleAction } from "./resource.ts";
import { planRuleTree } from "./rule-tree.ts";
import { planRuleset, type RulesetInput } from "./ruleset.ts";
import { planPortSysctls } from "./sysctls.ts";
import {
  isTranslated,
  planOut,
  planTranslated,
  planTranslator,
  type TranslationPlan,
} from "./translation.ts";

export interface GatewayPlan extends RulesetInput {
  readonly lan: Interface4;
}

export interface RoutePlan {
  readonly destination: Cidr4;
  /** 0.0.0.0: on-link. */
  readonly router: Ip4;
}

/** What a device's identity carries on IPv4. */
export interface Ipv4Plan {
  readonly address: Ip4;
  readonly prefixLength: number;
  readonly routes: readonly RoutePlan[];
  /** Bytes; when the network asked for less than the port's own. */
  readonly mtu?: number;
}

export interface DevicePlan {
  readonly mac: Mac;
  readonly lanIp?: Ip4;
  readonly ipv4?: Ipv4Plan;
  /** Absent: what the kernel made stays, and nothing is routed. */
  readonly ipv6?: Ipv6Plan;
  /** Its IPv4 goes by the translator, as long as it has none of its own. */
  readonly translated?: boolean;
  /** IPv6 clients reach it as a whole, by the translator. */
  readonly open?: boolean;
}

/** What the plan needs to know of the world besides configuration and devices. */
export interface Surroundings {
  /** Bytes. */
  readonly wanMtu: number;
  /** Resolved once for all identities. */
  readonly neighbours: ReadonlyMap<Ip4, Mac>;
  /** Whether somebody else put `lan.address` on the LAN port. */
  readonly lanAddressPresent: boolean;
  /** The device whose identity the gateway's own traffic uses, where it has no address of its own. */
  readonly borrowed?: Mac;
  /** Absent: nothing is known of an IPv6 network. */
  readonly network6?: Network6Plan;
  /** The device whose identity the gateway's own IPv6 traffic uses. */
  readonly borrowed6?: Mac;
  /** What the identities carry now, as observed. */
  readonly addresses6: Addresses6;
  /** What leads to the devices: planForwards. */
  readonly inbound?: readonly Element[];
  /** Absent: nothing is translated. */
  readonly translation?: TranslationPlan;
}

export function planDesired(
  gateway: GatewayPlan,
  devices: readonly DevicePlan[],
  around: Surroundings,
): Map<string, Resource> {
  const lan = lanOf(gateway);
  const tables = new Map(devices.flatMap((device) => tableEntries(lan, device, around)));
  // Lists of any length are joined and not passed as arguments, of which there is room for some 100,000.
  return byKey([
    ...planHost(gateway, around),
    ...devices.flatMap((device) => planIdentity4(gateway, lan, device, around)),
    ...devices.flatMap((device) => planOut(device, lan, around)),
    ...planRuleTree(lan, gateway.lanPort, tables),
    ...planBorrowed4(devices.find((d) => d.mac === around.borrowed)),
    ...planTranslator(lan, gateway.lan.ip, around),
    ...planIdentities6(devices, around, gateway.ownMac === "use"),
    ...(around.inbound ?? []),
  ]);
}

export const lanOf = ({ lan }: GatewayPlan): Cidr4 => networkOf(lan.ip, lan.length);

/** The LAN address of a device that has IPv4 or is translated, and the number of its table; of others nothing. */
export function tableEntries(
  lan: Cidr4,
  device: DevicePlan,
  around: Pick<Surroundings, "translation">,
): readonly (readonly [Ip4, number])[] {
  const { ipv4, lanIp } = device;
  const served = (ipv4 && lanIp && contains(lan, lanIp)) || isTranslated(device, lan, around);
  return served && lanIp ? [[lanIp, tableOf(lan, lanIp)]] : [];
}

/** What there is whoever the devices are: the ruleset, settings, the two ports. */
export const planHost = (
  gateway: GatewayPlan,
  around: Pick<Surroundings, "lanAddressPresent">,
): Resource[] => [
  planRuleset(gateway),
  ...planPortSysctls(gateway),
  { kind: "port", ifname: gateway.lanPort, up: true },
  planWanPort(gateway),
  ...(gateway.ownMac === "use" ? [answersByMain] : []),
  ...(around.lanAddressPresent ? [] : [planLanAddress(gateway)]),
];

/** Everything of one device but its rules, which it shares with its neighbours in the tree, and what leads to it. */
export const planDevice = (gateway: GatewayPlan, device: DevicePlan, around: Surroundings): Resource[] => [
  ...planIdentity4(gateway, lanOf(gateway), device, around),
  ...planOut(device, lanOf(gateway), around),
  ...planIdentity6(device, around, gateway.ownMac === "use"),
];

/** What is nobody's own: what the gateway's own traffic uses of the devices that lend to it, and the translator. */
export const planShared = (
  gateway: GatewayPlan,
  lender: DevicePlan | undefined,
  lender6: DevicePlan | undefined,
  around: Surroundings,
): Resource[] => [
  ...planBorrowed4(lender),
  ...planBorrowed6(lender6, around),
  ...planTranslator(lanOf(gateway), gateway.lan.ip, around),
];

const answersByMain: Resource = {
  kind: "rule",
  preference: rulePreferences.answers,
  mark: `${answerMark.value}/${answerMark.mask}`,
  action: { to: "lookup", table: "main" },
};

const planWanPort = ({ wanPort: ifname, ownMac }: GatewayPlan): Resource =>
  ownMac === "silent"
    ? { kind: "port", ifname, up: true, group: wanGroup }
    : { kind: "port", ifname, up: true };

const planLanAddress = (gateway: GatewayPlan): Resource => ({
  kind: "address",
  ifname: gateway.lanPort,
  ip: gateway.lan.ip,
  length: gateway.lan.length,
  metric: lanMetric,
});

function planIdentity4(
  gateway: GatewayPlan,
  lan: Cidr4,
  device: DevicePlan,
  around: Surroundings,
): Resource[] {
  const ifname = identityName(device.mac);
  const mtu = Math.min(around.wanMtu, device.ipv4?.mtu ?? around.wanMtu);
  const identity: Resource = {
    kind: "identity",
    ifname,
    mac: device.mac,
    parent: gateway.wanPort,
    mtu,
    group: wanGroup,
    up: true,
  };
  const v4 = device.ipv4;
  if (isTranslated(device, lan, around))
    return [identity, planTranslated(tableOf(lan, device.lanIp), gateway.lan.ip)];
  if (!v4) return [identity];
  const served = device.lanIp && contains(lan, device.lanIp) ? device.lanIp : undefined;
  return [
    identity,
    { kind: "address", ifname, ip: v4.address, length: v4.prefixLength },
    { kind: "element", set: "own4", key: `${v4.address} . "${ifname}"` },
    { kind: "element", set: "held4", key: v4.address },
    ...planNeighbours(ifname, v4, around),
    ...(served ? [{ kind: "element", set: "snat4", key: served } as const] : []),
    ...(served ? planRoutes(ifname, v4, tableOf(lan, served)) : []),
  ];
}

function planBorrowed4(lender: DevicePlan | undefined): Resource[] {
  if (!lender?.ipv4) return [];
  const own = (preference: number, action: RuleAction): Resource => ({
    kind: "rule",
    preference,
    iif: "lo",
    action,
  });
  return [
    own(rulePreferences.ownMain, { to: "lookup", table: "main", without: wanGroup }),
    own(rulePreferences.ownDefault, { to: "lookup", table: "default", without: wanGroup }),
    own(rulePreferences.borrow, { to: "lookup", table: borrowTable }),
    ...planRoutes(identityName(lender.mac), lender.ipv4, borrowTable),
  ];
}

function planRoutes(ifname: string, v4: Ipv4Plan, table: number): Resource[] {
  const routes: Resource[] = [];
  if (v4.prefixLength < 32) {
    const destination = networkOf(v4.address, v4.prefixLength);
    routes.push({ kind: "route", table, destination, ifname, source: v4.address });
  }
  for (const { destination, router } of v4.routes) {
    const via = router === anyIp4 ? {} : { via: router };
    routes.push({ kind: "route", table, destination, ...via, ifname, source: v4.address });
  }
  return routes;
}

function planNeighbours(ifname: string, v4: Ipv4Plan, around: Surroundings): Resource[] {
  const routers = new Set(v4.routes.map((r) => r.router));
  return [...routers].flatMap((ip) => {
    const mac = around.neighbours.get(ip);
    return mac ? [{ kind: "neighbour" as const, ifname, ip, mac }] : [];
  });
}

/** The elements of a desired state, for a script that replaces the whole table. */
export const elementsOf = (desired: ResourceMap): Element[] =>
  [...desired.values()].filter((r): r is Element => r.kind === "element");
