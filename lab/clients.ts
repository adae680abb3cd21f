import { type ClientKind, hostOf, prefixLengthOf, type WanDescription } from "./description.ts";
import { hostOf6 } from "./description6.ts";
import type { Router } from "./router.ts";
import type { ClientDescription } from "./wan-host.ts";
import { firstPrefix } from "./wan6.ts";

/** IPv4 of a host on the segment. */
export const client4 = (subnet: string, ip: string): NonNullable<ClientDescription["ipv4"]> => ({
  ip,
  length: prefixLengthOf(subnet),
  via: hostOf(subnet, 1),
});

/** What a client has that is not told: all that the network has. */
function kinds({ clients = 1, ipv4, ipv6 }: WanDescription): readonly ClientKind[] {
  if (typeof clients !== "number") return clients;
  const kind = ipv6 === undefined ? "ipv4" : ipv4 === false ? "ipv6" : "dual";
  return Array.from({ length: clients }, () => kind);
}

/** The clients that a network has from the beginning, numbered from 1. */
export function describeClients(
  description: WanDescription,
  named: (base: string) => string,
  router: Router,
): readonly ClientDescription[] {
  const { name = "a", subnet = "198.51.100.0/24", ipv6 = {} } = description;
  return kinds(description).map((kind, i) => {
    const host = i + 2;
    const prefix = kind === "ipv4" ? "" : firstPrefix(name, ipv6);
    const address6 =
      ipv6.clients === "slaac"
        ? { slaac: prefix }
        : { ip: hostOf6(prefix, host.toString(16)), via: router.linkLocal };
    return {
      name: named(`client${i + 1}`),
      port: `client${i + 1}`,
      mac: `00:00:5e:00:53:${(0xe2 + i).toString(16)}`,
      ...(kind === "ipv6" ? {} : { ipv4: client4(subnet, hostOf(subnet, host)) }),
      ...(kind === "ipv4" ? {} : { ipv6: address6 }),
    };
  });
}
