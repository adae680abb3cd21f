/** 464XLAT (RFC 6877): what leads the devices' IPv4 to the translator, and what comes out of it to their identities. */

import { type Cidr4, contains, formatCidr4 } from "../base/cidr4.ts";
import { anywhere6, type Cidr6, formatCidr6 } from "../base/cidr6.ts";
import { anyIp4, type Ip4 } from "../base/ip4.ts";
import type { Ip6 } from "../base/ip6.ts";
import { embedIp4 } from "../base/nat64.ts";
import type { Network6Plan } from "./desired6.ts";
import type { Device6 } from "./identity6.ts";
import { addressesOf } from "./identity6.ts";
import {
  identityName,
  innerPrefix,
  rulePreferences,
  sourceTable,
  translatorName,
  wanGroup,
} from "./marks.ts";
import type { Resource } from "./resource.ts";
import type { TranslationRules } from "./translation-rules.ts";
import { waysOf } from "./ways6.ts";

/** While there is a translator. */
export interface TranslationPlan {
  /** The prefix by which the network's NAT64 is reached; absent: the devices' own IPv4 is not translated. */
  readonly nat64?: Cidr6;
  /** Where IPv6 clients stand for the devices; absent: no device is reached by the translator. */
  readonly clients?: Cidr4;
  /** Bytes; when the network asked for less than the port's own. */
  readonly mtu?: number;
  /** As of the tunnel. */
  readonly medium?: "veth";
}

/** The dummy address of RFC 7600 section 4.5: routers that have no IPv4 address complain under it. */
export const routersIp4 = "192.0.0.8" as Ip4;

/** What IPv6 asks of every link (RFC 8200 section 5). */
const leastMtu = 1280;

export const innerOf = (ip: Ip4): Ip6 => embedIp4(innerPrefix, ip);

/** The LAN inside the inner prefix. */
export const innerLan = (lan: Cidr4): Cidr6 => ({
  address: innerOf(lan.address),
  length: innerPrefix.length + lan.length,
});

export const translationRules = (lan: Cidr4, clients: Cidr4): TranslationRules => ({
  lan: formatCidr4(lan),
  clients: formatCidr4(clients),
  inner: formatCidr6(innerLan(lan)),
  routers: innerOf(routersIp4),
});

/** What all devices share of it. @param gateway the gateway's own address on the LAN */
export function planTranslator(
  lan: Cidr4,
  gateway: Ip4,
  { translation, wanMtu }: { readonly translation?: TranslationPlan; readonly wanMtu: number },
): Resource[] {
  if (!translation) return [];
  const ifname = translatorName;
  const { medium } = translation;
  const mtu = Math.max(leastMtu, Math.min(wanMtu, translation.mtu ?? wanMtu));
  return [
    { kind: "tunnel", ifname, ...(medium ? { medium } : {}), mtu, group: wanGroup, up: true },
    { kind: "route6", table: sourceTable, destination: innerLan(lan), ifname },
    ...(translation.nat64
      ? [{ kind: "element", set: "nat64", key: formatCidr6(translation.nat64) } as const]
      : []),
    ...(translation.clients ? planClients(translation.clients, gateway) : []),
  ];
}

/** The way back to IPv6 clients, for devices and for what the gateway itself has to say to them. */
const planClients = (destination: Cidr4, source: Ip4): Resource[] => [
  { kind: "route", table: sourceTable, destination, ifname: translatorName, source },
  {
    kind: "rule",
    preference: rulePreferences.clients,
    destination,
    action: { to: "lookup", table: sourceTable },
  },
];

export interface TranslatedDevice extends Device6 {
  readonly lanIp?: Ip4;
  readonly ipv4?: unknown;
  /** Its IPv4 goes by the translator, as long as it has none of its own. */
  readonly translated?: boolean;
  /** IPv6 clients reach it as a whole. */
  readonly open?: boolean;
}

/** Whether the device's IPv4 goes by the translator. */
export const isTranslated = (
  device: TranslatedDevice,
  lan: Cidr4,
  { translation }: { readonly translation?: TranslationPlan },
): device is TranslatedDevice & { readonly lanIp: Ip4 } =>
  translation?.nat64 !== undefined &&
  device.translated === true &&
  device.ipv4 === undefined &&
  device.lanIp !== undefined &&
  contains(lan, device.lanIp);

/** The way of one device into the translator. */
export const planTranslated = (table: number, gateway: Ip4): Resource => ({
  kind: "route",
  table,
  destination: { address: anyIp4, length: 0 },
  ifname: translatorName,
  source: gateway,
});

/** What comes out of the translator leaves, once a router is known, by the device's own identity, as what has the identity's own address does. */
export function planOut(
  device: TranslatedDevice,
  lan: Cidr4,
  { translation, network6 }: { readonly translation?: TranslationPlan; readonly network6?: Network6Plan },
): Resource[] {
  const { mac, ipv6, lanIp } = device;
  const isOpen = translation?.clients !== undefined && device.open === true;
  if (!(isOpen || isTranslated(device, lan, translation ? { translation } : {}))) return [];
  if (!lanIp || !contains(lan, lanIp)) return [];
  const ways = network6 && waysOf(network6);
  const address = ipv6 && addressesOf(ipv6).find((ip) => ways?.isCurrent(ip));
  const router = address && ways?.routerOf(address);
  if (!ways || !address || !router) return [];
  const way = {
    kind: "route6",
    table: sourceTable,
    from: innerOf(lanIp),
    ifname: identityName(mac),
  } as const;
  const links = isOpen ? ways.linksOf(address) : [];
  return [
    { ...way, destination: anywhere6, via: router.address },
    ...links.map((destination): Resource => ({ ...way, destination })),
  ];
}
