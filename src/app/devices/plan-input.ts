/** Devices as the plan wants them. */
import { contains, formatCidr4, type Interface4, networkOf } from "../../base/cidr4.ts";
import type { Ip4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";
import type { DevicePlan } from "../../plan/desired.ts";
import type { Asker } from "../uplink/router-watch.ts";
import { type Device, leaseOf } from "./device.ts";
import { resolvers6 } from "./plan-input6.ts";

export function devicePlan(device: Device): DevicePlan {
  const lease = leaseOf(device);
  return {
    mac: device.mac,
    ...(device.lanIp ? { lanIp: device.lanIp } : {}),
    ...(device.nat64 ? { translated: true } : {}),
    ...(lease
      ? {
          ipv4: {
            address: lease.address,
            prefixLength: lease.prefixLength,
            routes: lease.routes,
            ...(lease.mtu ? { mtu: lease.mtu } : {}),
          },
        }
      : {}),
  };
}

/** The longest known device that has a working lease with a way out; stays the same while it has one. */
export function lender(devices: readonly Device[]): Mac | undefined {
  let best: Device | undefined;
  for (const d of devices) {
    const usable = d.ipv4.installed && (leaseOf(d)?.routes.length ?? 0) > 0;
    if (usable && (!best || d.discoveredAt < best.discoveredAt)) best = d;
  }
  return best?.mac;
}

/** Why an address that a server offers must not be taken. */
export function refuseAddress(
  lan: Interface4,
  address: Ip4,
  holder: Mac | undefined,
  mac: Mac,
): string | undefined {
  const net = networkOf(lan.ip, lan.length);
  if (contains(net, address))
    return `the server offered ${address}, which lies inside the LAN ${formatCidr4(net)}`;
  if (holder && holder !== mac) return `the server offered ${address}, which the identity of ${holder} holds`;
  return undefined;
}

/** More than this dnsmasq would ask in vain before it gives up. */
const mostResolvers = 4;

/**
 * The networks' own name servers, of the families that work; those of the device whose identity our own traffic borrows come first,
 * because they answer it.
 * @param first6 the device whose identity our own IPv6 traffic borrows
 * @param advertised by routers (RFC 8106)
 */
export function resolvers(
  devices: readonly Device[],
  first6: Mac | undefined,
  advertised: readonly string[],
): string[] {
  const first = lender(devices);
  const ordered = (mac: Mac | undefined): Device[] =>
    [...devices].sort((a, b) => Number(b.mac === mac) - Number(a.mac === mac));
  const four = first ? ordered(first).flatMap((d) => leaseOf(d)?.dnsServers ?? []) : [];
  const six = first6 ? [...advertised, ...ordered(first6).flatMap(resolvers6)] : [];
  return interleave([...new Set<string>(four)], [...new Set<string>(six)]).slice(0, mostResolvers);
}

/** Both families in turn: where one goes quiet, the other is not far. */
function interleave(a: readonly string[], b: readonly string[]): string[] {
  const all: string[] = [];
  for (let i = 0; i < Math.max(a.length, b.length); i++)
    all.push(...[a[i], b[i]].filter((x): x is string => x !== undefined));
  return all;
}

/** Somebody with an address who uses this router. */
export function askerFor(devices: readonly Device[], router: Ip4): Asker | undefined {
  for (const device of devices) {
    const lease = leaseOf(device);
    if (lease?.routes.some((r) => r.router === router)) return { mac: device.mac, ip: lease.address };
  }
  return undefined;
}
