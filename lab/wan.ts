import { join } from "node:path";
import { hostOf, prefixLengthOf, standardMacs, type WanDescription } from "./description.ts";
import { connect, Namespace } from "./netns.ts";
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
import { type Services, startServices } from "./services.ts";
import { FirewallSwitch } from "./switch.ts";

const programs: Readonly<Record<DhcpServerKind, DhcpProgram>> = { dnsmasq, kea, dhcpd };

/** A host that is not behind the gateway, with web (80), banner (23) and UDP echo (7) servers. */
export interface WanHost {
  readonly name: string;
  readonly namespace: Namespace;
  readonly ip: string;
  readonly services: Services;
}

export interface ArpEntry {
  readonly ip: string;
  readonly mac: string;
  readonly state: string;
}

/** One network: firewall switch, router with servers, clients on the segment, one host beyond the router. */
export interface WanNetwork {
  readonly name: string;
  readonly subnet: string;
  readonly firewall: FirewallSwitch;
  readonly router: Namespace;
  readonly routerIp: string;
  /** Absent when the description says `none`. */
  readonly dhcp: DhcpServer | undefined;
  readonly clients: readonly WanHost[];
  /** 203.0.113.1, reached through the router. */
  readonly internet: WanHost;
  /** Another host on the segment, for example one that holds an address of the pool. */
  addHost(host: { readonly name: string; readonly ip: string; readonly mac?: string }): Promise<WanHost>;
  /** The router's neighbour table: which MAC stands behind which address. */
  routerArp(): Promise<readonly ArpEntry[]>;
  readonly namespaces: readonly Namespace[];
}

const internetSubnet = "203.0.113.0/24";
const services = { web: [80], banner: [23], udpEcho: [7] };

export async function createWan(description: WanDescription, directory: string): Promise<WanNetwork> {
  const name = description.name ?? "a";
  const named = (base: string): string => (name === "a" ? base : `${base}-${name}`);
  const subnet = description.subnet ?? "198.51.100.0/24";
  const options = dhcpOptions(subnet, description.dhcpOptions);
  const firewall = await FirewallSwitch.create(named("switch"), {
    registered: description.registered ?? [],
    sourceGuard: description.sourceGuard ?? true,
    bindingSeconds: bindingSeconds(description, options),
  });
  const router = await createRouter(named("router"), firewall, subnet);
  const place = { namespace: router, interface: "wan", directory: join(directory, named("router")) };
  const [internet, clients, dhcp] = await Promise.all([
    createInternet(named("internet"), router),
    Promise.all(
      Array.from({ length: description.clients ?? 1 }, (_, i) =>
        createClient(firewall, subnet, {
          name: named(`client${i + 1}`),
          port: `client${i + 1}`,
          ip: hostOf(subnet, i + 2),
          mac: `00:00:5e:00:53:${(0xe2 + i).toString(16)}`,
        }),
      ),
    ),
    startServers(description, place, options),
  ]);
  const namespaces = [firewall.namespace, router, internet.namespace, ...clients.map((c) => c.namespace)];
  return {
    name,
    subnet,
    firewall,
    router,
    routerIp: hostOf(subnet, 1),
    dhcp,
    clients,
    internet,
    routerArp: () => readArp(router),
    async addHost(host) {
      const added = await createClient(firewall, subnet, {
        ...host,
        name: named(host.name),
        port: `p-${host.name}`.slice(0, 15),
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

async function createRouter(name: string, firewall: FirewallSwitch, subnet: string): Promise<Namespace> {
  const router = await Namespace.create(name);
  await connect(
    { namespace: router, ifname: "wan", mac: standardMacs.router },
    { namespace: firewall.namespace, ifname: "router", bridge: "br0" },
  );
  await router.ip([`addr add ${hostOf(subnet, 1)}/${prefixLengthOf(subnet)} dev wan`]);
  await router.sysctl({ "net.ipv4.ip_forward": 1, "net.ipv4.neigh.wan.base_reachable_time_ms": 10_000 });
  return router;
}

async function createInternet(name: string, router: Namespace): Promise<WanHost> {
  const namespace = await Namespace.create(name);
  await connect({ namespace, ifname: "eth0" }, { namespace: router, ifname: "inet" });
  await router.ip([`addr add ${hostOf(internetSubnet, 254)}/24 dev inet`]);
  return finishHost(name, namespace, hostOf(internetSubnet, 1), hostOf(internetSubnet, 254), "24");
}

interface ClientDescription {
  readonly name: string;
  readonly port: string;
  readonly ip: string;
  readonly mac?: string;
}

async function createClient(
  firewall: FirewallSwitch,
  subnet: string,
  { name, port, ip, mac }: ClientDescription,
): Promise<WanHost> {
  const namespace = await Namespace.create(name);
  await connect(
    { namespace, ifname: "eth0", ...(mac === undefined ? {} : { mac }) },
    { namespace: firewall.namespace, ifname: port, bridge: "br0" },
  );
  return finishHost(name, namespace, ip, hostOf(subnet, 1), prefixLengthOf(subnet));
}

async function finishHost(
  name: string,
  namespace: Namespace,
  ip: string,
  via: string,
  length: string,
): Promise<WanHost> {
  await namespace.ip([`addr add ${ip}/${length} dev eth0`, `route add default via ${via}`]);
  return { name, namespace, ip, services: await startServices(namespace, name, services) };
}

async function startServers(
  description: WanDescription,
  place: Parameters<typeof startDns>[0],
  options: DhcpOptions,
): Promise<DhcpServer | undefined> {
  await startDns(place, { "www.lab.example": [hostOf(internetSubnet, 1)] });
  const kind = description.dhcp ?? "dnsmasq";
  if (kind === "none") return undefined;
  const server = createDhcpServer(programs[kind], place, options);
  if (description.dhcpStarted !== false) await server.start();
  return server;
}

async function readArp(router: Namespace): Promise<readonly ArpEntry[]> {
  const rows = (await router.ipJson(["neigh", "show", "dev", "wan"])) as readonly {
    readonly dst: string;
    readonly lladdr?: string;
    readonly state: readonly string[];
  }[];
  return rows.flatMap(({ dst, lladdr, state }) =>
    lladdr === undefined ? [] : [{ ip: dst, mac: lladdr, state: state.join(" ") }],
  );
}
