import { join } from "node:path";
import type { WanDescription } from "./description.ts";
import { type Ipv6Description, type RaDescription, standardPrefix } from "./description6.ts";
import { routeBack } from "./internet.ts";
import type { Namespace } from "./netns.ts";
import type { RaDefaults, Router } from "./router.ts";
import { createDhcpServer, type DhcpPlace } from "./servers/dhcp-server.ts";
import { dnsmasq6, dnsmasqRa } from "./servers/dnsmasq6.ts";
import { type Dhcp6Server, kea6, standardDhcp6 } from "./servers/kea6.ts";
import type { RaProgram } from "./servers/ra-server.ts";
import { radvd } from "./servers/radvd.ts";
import { waitFor } from "./wait.ts";
import type { WanHost } from "./wan-host.ts";

/** The first prefix of a network: there its hosts and its DHCPv6 pool are. */
export function firstPrefix(name: string, ipv6: Ipv6Description): string {
  const [first] = ipv6.prefixes ?? [];
  if (first === undefined) return standardPrefix(name);
  return typeof first === "string" ? first : first.prefix;
}

function raProgram({ ra = "radvd", dhcp6 }: Ipv6Description): RaProgram | undefined {
  if (ra === "none") return undefined;
  return ra === "radvd" ? radvd : dnsmasqRa(dhcp6 === "dnsmasq");
}

function raDefaults(ipv6: Ipv6Description, prefix: string): RaDefaults {
  const dhcp6 = ipv6.dhcp6 ?? "none";
  return { host: "1", prefix, managed: dhcp6 === "kea", other: dhcp6 !== "none" };
}

/** Only what the description of an advertisement has. */
function raOf(ipv6: Ipv6Description): RaDescription {
  const {
    ra,
    raStarted,
    dhcp6,
    dhcp6Options,
    dhcp6Started,
    clients,
    secondRouter,
    nat64,
    nat64Name,
    ...description
  } = ipv6;
  return description;
}

/** Errors: what dnsmasq cannot do. */
function check({ ra, dhcp6, managed, prefixes = [] }: Ipv6Description): void {
  const flags = prefixes.some((p) => typeof p !== "string" && (p.onLink === false || p.autonomous === false));
  if (ra === "dnsmasq" && (dhcp6 === "kea" || managed === true || flags))
    throw new Error("dnsmasq sets the flags of its advertisements itself: use radvd here");
}

/** Gives the routers their advertisements and addresses, and starts those that are to run from the beginning. */
export async function advertise(
  routers: readonly Router[],
  name: string,
  ipv6: Ipv6Description,
  directory: (router: Router) => string,
): Promise<void> {
  check(ipv6);
  const defaults = raDefaults(ipv6, firstPrefix(name, ipv6));
  const { mac, started = true, ...second } = ipv6.secondRouter ?? {};
  const place = (router: Router): DhcpPlace => ({
    namespace: router.namespace,
    interface: "wan",
    directory: directory(router),
  });
  for (const [n, router] of routers.entries()) {
    const own = n === 0 ? raOf(ipv6) : { prefixes: ipv6.prefixes ?? [defaults.prefix], ...second };
    const program = n === 0 ? raProgram(ipv6) : radvd;
    await router.advertise(program, place(router), own, n === 0 ? defaults : { ...defaults, host: "fd" });
    if (n === 0 ? ipv6.raStarted !== false : started) await router.ra?.start();
  }
}

/** Lets every router reach every prefix of the segment, and the host beyond reach each prefix by a router that advertises it. */
export async function knowPrefixes(routers: readonly Router[], internet: Namespace): Promise<void> {
  const [first, second] = routers;
  if (first === undefined || second === undefined) return;
  await first.reachOnLink(second.prefixes);
  await second.reachOnLink(first.prefixes);
  await routeBack(
    internet,
    1,
    second.prefixes.filter((prefix) => !first.prefixes.includes(prefix)),
  );
}

/** The network's DHCPv6 server; undefined when it has none, and when dnsmasq serves it together with its advertisements. */
export async function startDhcp6(
  router: Router,
  { name = "a", ipv6 = {} }: WanDescription,
  directory: string,
): Promise<Dhcp6Server | undefined> {
  const { dhcp6 = "none", ra, dhcp6Options, dhcp6Started } = ipv6;
  if (dhcp6 === "none" || (dhcp6 === "dnsmasq" && ra === "dnsmasq")) return undefined;
  const place = { namespace: router.namespace, interface: "wan", directory: join(directory, "dhcp6") };
  const program = dhcp6 === "kea" ? kea6 : dnsmasq6;
  const server = createDhcpServer(program, place, standardDhcp6(firstPrefix(name, ipv6), dhcp6Options));
  if (dhcp6Started !== false) await server.start();
  return server;
}

/** Waits until the clients that form addresses by SLAAC have done so. */
export async function waitForSlaac(clients: readonly WanHost[], ipv6: Ipv6Description): Promise<void> {
  if (ipv6.clients !== "slaac" || ipv6.ra === "none" || ipv6.raStarted === false) return;
  for (const { namespace, name, ip6 } of clients.filter((client) => client.ip6 !== "")) {
    await waitFor(`${name} has ${ip6}`, async () => {
      const argv = ["ip", "-6", "-o", "addr", "show", "dev", "eth0", "scope", "global"];
      return (await namespace.run(argv)).stdout.includes(` ${ip6}/64`);
    });
  }
}
