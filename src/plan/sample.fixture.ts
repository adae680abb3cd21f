/** A small gateway with two devices, for tests. */
import { type Ip4, parseIp4 } from "../base/ip4.ts";
import { type Mac, parseMac } from "../base/mac.ts";
import { must } from "../base/parsed.ts";
import { type DevicePlan, type GatewayPlan, planDesired, type Surroundings } from "./desired.ts";
import type { Resource } from "./resource.ts";

export const ip = (text: string): Ip4 => must(parseIp4(text));
export const mac = (text: string): Mac => must(parseMac(text));
export const router = ip("192.0.2.1");
export const anywhere = { address: ip("0.0.0.0"), length: 0 };

export const gateway: GatewayPlan = {
  lanPort: "eth1",
  wanPort: "eth0",
  ownMac: "silent",
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
