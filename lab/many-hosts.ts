/** Many real hosts behind one LAN port: each has a MAC, an address and a way of its own, and all are in one namespace, so that one process can talk as all of them. */
import { connect, Namespace } from "./netns.ts";
import type { Lab } from "./topology.ts";

export interface ManyHosts {
  readonly namespace: Namespace;
  /** In the order of the MACs; a socket that is bound to one speaks as that host. */
  readonly addresses: readonly string[];
}

/** @param addressOf the static address of host number n, in the LAN */
export async function addManyHosts(
  lab: Lab,
  macs: readonly string[],
  addressOf: (n: number) => string,
): Promise<ManyHosts> {
  const namespace = await Namespace.create("many");
  lab.others.push(namespace);
  await namespace.sysctl({
    "net.ipv6.conf.default.disable_ipv6": 1,
    // A host answers ARP for its own address alone, and asks under it.
    "net.ipv4.conf.all.arp_ignore": 1,
    "net.ipv4.conf.all.arp_announce": 2,
    "net.ipv4.conf.all.rp_filter": 0,
    "net.ipv4.conf.default.rp_filter": 0,
  });
  await connect(
    { namespace, ifname: "eth0", ipv6: false },
    { namespace: lab.lan, ifname: "p-many", bridge: "br0" },
  );
  const [router] = lab.gateway.lanAddress.split("/");
  const [, length] = lab.lanSubnet.split("/");
  const addresses = macs.map((_, n) => addressOf(n));
  await namespace.ip(
    macs.flatMap((mac, n) => {
      const [ifname, table] = [`h${n}`, 1000 + n];
      return [
        `link add link eth0 name ${ifname} address ${mac} type macvlan mode bridge`,
        `addr add ${addresses[n]}/${length} dev ${ifname} noprefixroute`,
        `link set ${ifname} up`,
        `route add ${lab.lanSubnet} dev ${ifname} table ${table}`,
        `route add default via ${router} dev ${ifname} table ${table}`,
        `rule add from ${addresses[n]} lookup ${table}`,
      ];
    }),
  );
  return { namespace, addresses };
}
