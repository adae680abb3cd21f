import { join } from "node:path";
import { client4, describeClients } from "./clients.ts";
import { hostOf, prefixLengthOf, standardMacs, type WanDescription } from "./description.ts";
import { hostOf6, type RaDescription } from "./description6.ts";
import { createInternet, internet4, internet6 } from "./internet.ts";
import { asks6, type Neighbour, readNeighbours } from "./neighbours.ts";
import type { Namespace } from "./netns.ts";
import { Router } from "./router.ts";
import {
  createDhcpServer,
  type DhcpOptions,
  type DhcpProgram,
  type DhcpServer,
  type DhcpServerKind,
} from "./servers/dhcp-server.ts";
import { dhcpd } from "./servers/dhcpd.ts";
import { startDns } from "./servers/dns.ts";
import { dnsmasq } from "./servers/dnsmasq.ts";
import { kea } from "./servers/kea.ts";
import type { Dhcp6Server } from "./servers/kea6.ts";
import { ipv4Only, startNat64 } from "./servers/nat64.ts";
import { FirewallSwitch } from "./switch.ts";
import { createClient, type WanHost } from "./wan-host.ts";
import { advertise, firstPrefix, knowPrefixes, startDhcp6, waitForSlaac } from "./wan6.ts";

const namesOf4 = { "www.lab.example": [internet4.host], "www4.lab.example": [internet4.host] };
const namesOf6 = { "www.lab.example": [internet4.host, internet6], "www6.lab.example": [internet6] };
const programs: Readonly<Record<DhcpServerKind, DhcpProgram>> = { dnsmasq, kea, dhcpd };

export type { Neighbour as ArpEntry } from "./neighbours.ts";
export type { WanHost } from "./wan-host.ts";

/** A host that is added later; a family it has no address of it has not. */
export interface HostDescription {
  readonly name: string;
  readonly ip?: string;
  readonly ip6?: string;
  readonly mac?: string;
}

/** One network: firewall switch, routers with servers, clients on the segment, one host beyond the routers. */
export interface WanNetwork {
  readonly name: string;
  readonly subnet: string;
  readonly firewall: FirewallSwitch;
  /** The first router's namespace. */
  readonly router: Namespace;
  /** One, or two when the description has a second; advertisements are `routers[n].ra`. */
  readonly routers: readonly [Router, ...Router[]];
  /** Empty without IPv4. */
  readonly routerIp: string;
  /** The first router's address in the first prefix; empty without IPv6. */
  readonly routerIp6: string;
  /** Absent when the description says `none`. */
  readonly dhcp: DhcpServer | undefined;
  /** Absent without DHCPv6, and when dnsmasq serves it together with its advertisements. */
  readonly dhcp6: Dhcp6Server | undefined;
  readonly clients: readonly WanHost[];
  /** 203.0.113.1 and, with IPv6, 2001:db8:ffff::1, reached through the routers. */
  readonly internet: WanHost;
  /** Another host on the segment, for example one that holds an address of the pool. */
  addHost(host: HostDescription): Promise<WanHost>;
  /** Changes what a router advertises, the first unless told: see `Router.announce`. */
  announce(changes: RaDescription, router?: 0 | 1): Promise<void>;
  /** The router's neighbour table: which MAC stands behind which address. */
  routerArp(): Promise<readonly Neighbour[]>;
  routerNeighbours6(): Promise<readonly Neighbour[]>;
  /**
   * Solicits the address on the segment for one second, past all neighbour tables, from the first router or from a client; gives the MAC
   * that answered, undefined when none did. Several MACs come as one text with `and` between them.
   */
  asks6(address: string, from?: WanHost): Promise<string | undefined>;
  readonly namespaces: readonly Namespace[];
}

export async function createWan(description: WanDescription, directory: string): Promise<WanNetwork> {
  const name = description.name ?? "a";
  const named = (base: string): string => (name === "a" ? base : `${base}-${name}`);
  const { subnet = "198.51.100.0/24", ipv6 } = description;
  const options = dhcpOptions(subnet, description.dhcpOptions);
  const firewall = await FirewallSwitch.create(named("switch"), {
    registered: description.registered ?? [],
    sourceGuard: description.sourceGuard ?? true,
    bindingSeconds: bindingSeconds(description, options),
  });
  const routers = await createRouters(description, named, firewall, subnet);
  const router = routers[0];
  const routerDirectory = (of: Router): string => join(directory, of.namespace.name);
  if (ipv6 !== undefined) await advertise(routers, name, ipv6, routerDirectory);
  const [internet, clients, dhcp, dhcp6] = await Promise.all([
    createInternet(named("internet"), routers, ipv6 !== undefined),
    Promise.all(describeClients(description, named, router).map((client) => createClient(firewall, client))),
    startServers(description, routers, routerDirectory, options),
    startDhcp6(router, description, routerDirectory(router)),
  ]);
  await knowPrefixes(routers, internet.namespace);
  if (ipv6 !== undefined) await waitForSlaac(clients, ipv6);
  const namespaces = [
    ...[firewall.namespace, ...routers.map((r) => r.namespace), internet.namespace],
    ...clients.map((c) => c.namespace),
  ];
  return {
    name,
    subnet,
    firewall,
    router: router.namespace,
    routers,
    routerIp: description.ipv4 === false ? "" : hostOf(subnet, 1),
    routerIp6: ipv6 === undefined ? "" : hostOf6(firstPrefix(name, ipv6), "1"),
    dhcp,
    dhcp6,
    clients,
    internet,
    async announce(changes, n = 0) {
      await routers[n]?.announce(changes);
      await knowPrefixes(routers, internet.namespace);
    },
    routerArp: () => readNeighbours(router.namespace, "-4"),
    routerNeighbours6: () => readNeighbours(router.namespace, "-6"),
    asks6: (address, from) =>
      from === undefined ? asks6(router.namespace, "wan", address) : asks6(from.namespace, "eth0", address),
    async addHost({ name: host, ip, ip6, mac }) {
      const added = await createClient(firewall, {
        name: named(host),
        port: `p-${host}`.slice(0, 15),
        ...(mac === undefined ? {} : { mac }),
        ...(ip === undefined ? {} : { ipv4: client4(subnet, ip) }),
        ...(ip6 === undefined ? {} : { ipv6: { ip: ip6, via: router.linkLocal } }),
      });
      namespaces.push(added.namespace);
      return added;
    },
    namespaces,
  };
}

const dhcpOptions = (subnet: string, changes: Partial<DhcpOptions> = {}): DhcpOptions => ({
  subnet,
  poolStart: hostOf(subnet, 100),
  poolEnd: hostOf(subnet, 199),
  leaseSeconds: 600,
  router: hostOf(subnet, 1),
  dns: [hostOf(subnet, 1)],
  domain: "lab.example",
  ...changes,
});

function bindingSeconds(description: WanDescription, options: DhcpOptions): number | undefined {
  if (description.bindingSeconds === "forever") return undefined;
  return description.bindingSeconds ?? options.leaseSeconds + 5;
}

async function createRouters(
  { ipv4, ipv6, routerMac }: WanDescription,
  named: (base: string) => string,
  firewall: FirewallSwitch,
  subnet: string,
): Promise<readonly [Router, ...Router[]]> {
  const address = `${hostOf(subnet, 1)}/${prefixLengthOf(subnet)}`;
  const first = await Router.create(
    firewall,
    {
      name: named("router"),
      port: "router",
      mac: routerMac ?? standardMacs.router,
      ...(ipv4 === false ? {} : { ipv4: address }),
    },
    ipv6 !== undefined,
  );
  if (ipv6?.secondRouter === undefined) return [first];
  const mac = ipv6.secondRouter.mac ?? standardMacs.secondRouter;
  return [first, await Router.create(firewall, { name: named("router2"), port: "router2", mac }, true)];
}

/** Name servers on each router, and the first one's DHCPv4 server. `www4` and `www6` are the same host in one family only. */
async function startServers(
  { ipv4, ipv6, dhcp, dhcpStarted }: WanDescription,
  routers: readonly Router[],
  directory: (router: Router) => string,
  options: DhcpOptions,
): Promise<DhcpServer | undefined> {
  const place = (router: Router) => ({
    namespace: router.namespace,
    interface: "wan",
    directory: directory(router),
  });
  const named64 = ipv6?.nat64Name && ipv6.nat64 ? { "ipv4only.arpa": ipv4Only(ipv6.nat64) } : {};
  const names = ipv6 === undefined ? namesOf4 : { ...namesOf4, ...namesOf6, ...named64 };
  await Promise.all(routers.map((router) => startDns(place(router), names)));
  const kind = ipv4 === false ? "none" : (dhcp ?? "dnsmasq");
  const [first] = routers;
  if (first && ipv6?.nat64) await startNat64(place(first), ipv6.nat64);
  if (kind === "none" || first === undefined) return undefined;
  const server = createDhcpServer(programs[kind], place(first), options);
  if (dhcpStarted !== false) await server.start();
  return server;
}
