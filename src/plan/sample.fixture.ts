/** A small gateway with two devices, for tests. */

import { type Cidr6, parseCidr6 } from "../base/cidr6.ts";
import { type Ip4, parseIp4 } from "../base/ip4.ts";
import { eui64Address, type Ip6, linkLocalOf, parseIp6 } from "../base/ip6.ts";
import { type Mac, parseMac } from "../base/mac.ts";
import { must } from "../base/parsed.ts";
import { type DevicePlan, type GatewayPlan, planDesired, type Surroundings } from "./desired.ts";
import type { Address6Fact, Network6Plan, RouterPlan } from "./desired6.ts";
import { planForwards } from "./forwards.ts";
import { identityName } from "./marks.ts";
import type { Element, Resource } from "./resource.ts";

export const ip = (text: string): Ip4 => must(parseIp4(text));
export const ip6 = (text: string): Ip6 => must(parseIp6(text));
export const net6 = (text: string): Cidr6 => must(parseCidr6(text));
export const mac = (text: string): Mac => must(parseMac(text));
export const router = ip("192.0.2.1");
export const anywhere = { address: ip("0.0.0.0"), length: 0 };

export const gateway: GatewayPlan = {
  lanPort: "eth1",
  wanPort: "eth0",
  ownMac: "silent",
  shortWays: true,
  forwards: {
    ports: [
      { port: 80, target: 80, listener: 61441 },
      { port: 8080, target: 80, listener: 61442 },
    ],
    proxy: "haproxy",
    lanAddress: "192.168.1.1",
    lanNet: "192.168.1.0/30",
  },
  lan: { ip: ip("192.168.1.1"), length: 30 },
};

/** With a lease, a route to a host on the link, and a smaller MTU. */
export const camera: DevicePlan = {
  mac: mac("00:11:22:33:44:51"),
  lanIp: ip("192.168.1.2"),
  ipv4: {
    address: ip("192.0.2.10"),
    prefixLength: 24,
    mtu: 1400,
    routes: [
      { destination: { address: ip("198.51.100.7"), length: 32 }, router: ip("0.0.0.0") },
      { destination: anywhere, router },
    ],
  },
};
/** Still asking for an address. */
export const printer: DevicePlan = { mac: mac("00:11:22:33:44:52") };

export const around: Surroundings = {
  wanMtu: 1500,
  neighbours: new Map([[router, mac("00:aa:00:00:00:01")]]),
  lanAddressPresent: false,
  borrowed: camera.mac,
  addresses6: new Map(),
};

export const sample = (
  devices: readonly DevicePlan[] = [camera, printer],
  over: Partial<GatewayPlan & Surroundings> = {},
): Map<string, Resource> => planDesired({ ...gateway, ...over }, devices, { ...around, ...over });

export const prefixes = [net6("2001:db8:1::/64"), net6("2001:db8:2::/64")] as const;
/** The address that the kernel makes of a device's MAC and a prefix. */
export const slaacOf = ({ mac }: DevicePlan, prefix: Cidr6): Ip6 => eui64Address(prefix.address, mac);

const router6 = (lladdr: Mac, preference: RouterPlan["preference"], prefix: Cidr6): RouterPlan => ({
  address: linkLocalOf(lladdr),
  mac: lladdr,
  preference,
  prefixes: [prefix],
  onLink: [prefix],
});

/** A router for each prefix. */
export const network6: Network6Plan = {
  routers: [
    router6(mac("00:aa:00:00:00:01"), "high", prefixes[0]),
    router6(mac("00:aa:00:00:00:02"), "medium", prefixes[1]),
  ],
  onLink: prefixes,
};

/** With both kinds of addresses, of both prefixes. */
export const dual: DevicePlan = {
  ...camera,
  ipv6: {
    leased: [
      { address: ip6("2001:db8:1::77"), deprecated: false },
      { address: ip6("2001:db8:1::78"), deprecated: true },
    ],
    slaac: prefixes.map((prefix) => slaacOf(camera, prefix)),
  },
};

const facts = (device: DevicePlan): Address6Fact[] => [
  ...prefixes.map(
    (prefix) => ({ ip: slaacOf(device, prefix), length: 64, origin: "slaac", state: "usable" }) as const,
  ),
  ...(device.ipv6?.leased ?? []).map(
    ({ address, deprecated }) =>
      ({ ip: address, length: 128, origin: "leased", state: deprecated ? "deprecated" : "usable" }) as const,
  ),
];

/** What leads to the camera: the automatic forwards, and its page on 5000 by hand, for the LAN too. */
export const inbound: readonly Element[] = planForwards(
  [
    {
      mac: camera.mac,
      lanIp: ip("192.168.1.2"),
      auto: true,
      exceptions: [{ protocol: "tcp", port: 8081, target: 5000 }],
      addresses4: [ip("192.0.2.10")],
      addresses6: [ip6("2001:db8:1::10")],
    },
  ],
  [{ protocol: "tcp", port: 8081, address: ip("192.168.1.2"), target: 5000 }],
);

export const around6 = {
  inbound,
  network6,
  borrowed6: dual.mac,
  addresses6: new Map([dual, printer].map((device) => [identityName(device.mac), facts(device)])),
};

/** Both families, where the routers' advertisements have been heard; of the printer's IPv6 nothing is known yet. */
export const sample6 = (
  devices: readonly DevicePlan[] = [dual, printer],
  over: Partial<GatewayPlan & Surroundings> = {},
): Map<string, Resource> => sample(devices, { ...around6, ...over });
