/** The networks that the demonstration can be plugged into. */
import { deviceMac, type WanDescription } from "../description.ts";
import type { GatewayDevice } from "../gateway.ts";
import { nat64Prefix } from "../suites/xlat.ts";

export interface DemoNetwork {
  readonly wan: WanDescription;
  /** What it has, in lines of at most 76 columns. */
  readonly servers: readonly string[];
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** The prefix of its NAT64, by which devices reach IPv4 without having any; none unless told. */
  readonly nat64?: string;
  /** IPv6 addresses of a device that has all it can get. */
  readonly addresses6: number;
  /** What `gateway status` says of it in the end. */
  readonly offers: RegExp;
}

export const registered = [1, 2, 3].map(deviceMac);
export const stranger = deviceMac(4);

const common: WanDescription = { registered, sourceGuard: true, clients: 1 };

export const demoNetworks: Readonly<Record<"dual" | "ipv4" | "ipv6" | "ipv6-only", DemoNetwork>> = {
  dual: {
    wan: { ...common, ipv6: { dhcp6: "kea" } },
    servers: ["IPv4: DHCP by dnsmasq", "IPv6: SLAAC by radvd, DHCPv6 by Kea"],
    ipv4: true,
    ipv6: true,
    addresses6: 2,
    offers: /IPv4 by DHCP, IPv6 by SLAAC \(2001:db8:a::\/64\)\s+and\s+stateful\s+DHCPv6/,
  },
  ipv4: {
    wan: common,
    servers: ["IPv4: DHCP by dnsmasq", "no IPv6"],
    ipv4: true,
    ipv6: false,
    addresses6: 0,
    offers: /IPv4 by DHCP, no IPv6/,
  },
  ipv6: {
    wan: {
      ...common,
      ipv4: false,
      ipv6: { dhcp6: "kea", prefixes: [{ prefix: "2001:db8:a::/64", autonomous: false }] },
    },
    servers: ["no IPv4", "IPv6: DHCPv6 by Kea, as radvd's advertisements say (M flag)"],
    ipv4: false,
    ipv6: true,
    addresses6: 1,
    offers: /no IPv4, IPv6 by stateful DHCPv6/,
  },
  "ipv6-only": {
    wan: { ...common, ipv4: false, ipv6: { nat64: nat64Prefix, pref64: nat64Prefix } },
    servers: [
      "no IPv4",
      `IPv6: SLAAC by radvd; a NAT64 (${nat64Prefix}) in the router,`,
      "  told in its advertisements (PREF64)",
      "Beyond the router: 192.0.2.1, a host that has only IPv4",
    ],
    ipv4: false,
    ipv6: true,
    nat64: nat64Prefix,
    addresses6: 1,
    offers: /NAT64\s+2001:db8:64::\/96/,
  },
};

export const addresses6Of = ({ ipv6_address }: GatewayDevice): readonly string[] =>
  (ipv6_address ?? "").split(",").filter(Boolean);

/** What a device lacks of all that the network gives, a sentence each. */
export function lacks(network: DemoNetwork, mac: string, device?: GatewayDevice): readonly string[] {
  if (!device) return [`${mac} is not known`];
  const addresses6 = addresses6Of(device).length;
  const wanted: readonly (readonly [boolean, string])[] = [
    [device.status === "active", `is ${device.status}: ${device.reason ?? "no reason told"}`],
    [!network.ipv4 || Boolean(device.ipv4_wan_address), "has no IPv4 address"],
    [!network.nat64 || Boolean(device.reason?.includes("464XLAT")), "is not told to use 464XLAT"],
    [addresses6 === network.addresses6, `has ${addresses6} IPv6 addresses instead of ${network.addresses6}`],
  ];
  return wanted.filter(([is]) => !is).map(([, what]) => `${mac} ${what}`);
}

/** As long as the gateway does not say why the device does not work. */
export const isNotRefused = (mac: string, device?: GatewayDevice): readonly string[] =>
  /is this MAC registered/.test(device?.reason ?? "")
    ? []
    : [
        `${mac} should not be answered, but: ${device?.status ?? "not known"}, ${device?.reason ?? "no reason"}`,
      ];
