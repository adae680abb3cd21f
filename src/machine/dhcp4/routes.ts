/** The routes of a lease: options 121, 33 and 3 (RFC 3442, RFC 2132 sections 3.5 and 5.8). */
import { contains, networkOf } from "../../base/cidr4.ts";
import { anyIp4, type Ip4, isHostIp4 } from "../../base/ip4.ts";
import type { Dhcp4Options, Route4 } from "../../wire/dhcp4/message.ts";

/**
 * Option 121 alone when it is there, else 33 and the first router of option 3. A router outside the subnet (always so when
 * the server sent no mask) gets an on-link host route before the rest, else the kernel would not take the route through it.
 */
export function routesOf(address: Ip4, prefixLength: number, options: Dhcp4Options): readonly Route4[] {
  const named = options.classlessRoutes?.length
    ? options.classlessRoutes
    : [...(options.staticRoutes ?? []).filter((r) => r.router !== anyIp4), ...defaultRoute(address, options)];
  const usable = named.filter(({ router }) => router === anyIp4 || (isHostIp4(router) && router !== address));
  const reached = [
    networkOf(address, prefixLength),
    ...usable.filter((r) => r.router === anyIp4).map((r) => r.destination),
  ];
  const far = usable
    .map((r) => r.router)
    .filter((ip) => ip !== anyIp4 && !reached.some((n) => contains(n, ip)));
  return [...[...new Set(far)].map((ip) => ({ destination: networkOf(ip, 32), router: anyIp4 })), ...usable];
}

/** Networks built on proxy ARP name the client itself as its router: everything is on-link then. */
function defaultRoute(address: Ip4, options: Dhcp4Options): readonly Route4[] {
  const router = options.routers?.find(isHostIp4);
  if (router === undefined) return [];
  return [{ destination: networkOf(anyIp4, 0), router: router === address ? anyIp4 : router }];
}
