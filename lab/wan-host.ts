import { eui64Address, type Ip6 } from "../src/base/ip6.ts";
import type { Mac } from "../src/base/mac.ts";
import { connect, Namespace } from "./netns.ts";
import { type Services, startServices } from "./services.ts";
import type { FirewallSwitch } from "./switch.ts";
import { fetchFrom, pingFrom } from "./talk.ts";

/** A host that is not behind the gateway, with web (80), banner (23) and UDP echo (7) servers in all families it has. */
export interface WanHost {
  readonly name: string;
  readonly namespace: Namespace;
  /** Empty when it has no IPv4. */
  readonly ip: string;
  /** Empty when it has no IPv6; with SLAAC the address in the network's first prefix. */
  readonly ip6: string;
  readonly services: Services;
  /** The body of a page; an IPv6 address in a URL stands in brackets. Errors: curl's, with its exit code. */
  fetch(url: string, timeoutSeconds?: number): Promise<string>;
  /** Whether `count` echo requests to an address of either family, five a second, were all answered. */
  ping(ip: string, count?: number): Promise<boolean>;
}

const services = { web: [80], banner: [23], udpEcho: [7] };

export async function finishHost(
  name: string,
  namespace: Namespace,
  addresses: Pick<WanHost, "ip" | "ip6">,
): Promise<WanHost> {
  return {
    name,
    namespace,
    ...addresses,
    services: await startServices(namespace, name, services),
    fetch: (url, timeoutSeconds) => fetchFrom(namespace, url, timeoutSeconds),
    ping: (ip, count) => pingFrom(namespace, ip, count),
  };
}

/** What a host on the segment is to have; an absent family is one it has not. */
export interface ClientDescription {
  readonly name: string;
  /** Its port of the switch. */
  readonly port: string;
  readonly mac?: string;
  readonly ipv4?: { readonly ip: string; readonly length: string; readonly via: string };
  readonly ipv6?:
    | { readonly ip: string; readonly via: string }
    | { readonly slaac: string /* the prefix it is to find */ };
}

/** What a namespace of the laboratory's own hosts does in IPv6. */
export interface Ipv6Manner {
  readonly forwarding?: boolean;
  readonly slaac?: boolean;
}

/** Addresses of the laboratory's own hosts are there at once, without duplicate address detection. */
export async function createQuickNamespace(name: string, manner: Ipv6Manner = {}): Promise<Namespace> {
  const namespace = await Namespace.create(name);
  await namespace.sysctl({
    "net.ipv6.conf.default.accept_dad": 0,
    "net.ipv6.conf.default.accept_ra": manner.slaac === true ? 1 : 0,
    "net.ipv6.conf.all.ignore_routes_with_linkdown": 1,
    "net.ipv6.conf.default.ignore_routes_with_linkdown": 1,
    // Sets it for interfaces to come, too.
    ...(manner.forwarding === true ? { "net.ipv6.conf.all.forwarding": 1 } : {}),
  });
  return namespace;
}

export async function createClient(
  firewall: FirewallSwitch,
  description: ClientDescription,
): Promise<WanHost> {
  const { name, port, mac, ipv4, ipv6 } = description;
  const namespace = await createQuickNamespace(name, { slaac: ipv6 !== undefined && "slaac" in ipv6 });
  await connect(
    { namespace, ifname: "eth0", ipv6: ipv6 !== undefined, ...(mac === undefined ? {} : { mac }) },
    { namespace: firewall.namespace, ifname: port, bridge: "br0" },
  );
  if (ipv4 !== undefined) {
    await namespace.ip([`addr add ${ipv4.ip}/${ipv4.length} dev eth0`, `route add default via ${ipv4.via}`]);
  }
  return finishHost(name, namespace, { ip: ipv4?.ip ?? "", ip6: await configure6(namespace, ipv6) });
}

async function configure6(namespace: Namespace, ipv6: ClientDescription["ipv6"]): Promise<string> {
  if (ipv6 === undefined) return "";
  if ("slaac" in ipv6) {
    const [link] = (await namespace.ipJson(["link", "show", "dev", "eth0"])) as readonly { address: Mac }[];
    return eui64Address(ipv6.slaac.split("/")[0] as Ip6, link?.address as Mac);
  }
  await namespace.ip([`addr add ${ipv6.ip}/64 dev eth0`, `route add default via ${ipv6.via} dev eth0`]);
  return ipv6.ip;
}
