import { hostOf, prefixLengthOf } from "./description.ts";
import { createDhcpServer, type DhcpServer } from "./servers/dhcp-server.ts";
import { dnsmasq } from "./servers/dnsmasq.ts";
import type { Lab } from "./topology.ts";

/**
 * In place of the gateway, for scenarios about the laboratory itself: an address and a DHCP server on the gateway host's LAN port, which
 * leases the LAN's addresses from the 20th to the last but one.
 */
export async function startLanServer({ gateway, lanSubnet }: Lab): Promise<DhcpServer> {
  const { namespace, directory } = gateway;
  await namespace.ip([`addr add ${gateway.lanAddress} dev eth1`]);
  const router = hostOf(lanSubnet, 1);
  const last = 2 ** (32 - Number(prefixLengthOf(lanSubnet))) - 2;
  const server = createDhcpServer(
    dnsmasq,
    { namespace, interface: "eth1", directory },
    {
      subnet: lanSubnet,
      poolStart: hostOf(lanSubnet, 20),
      poolEnd: hostOf(lanSubnet, last),
      leaseSeconds: 600,
      router,
      dns: [router],
    },
  );
  await server.start();
  return server;
}
