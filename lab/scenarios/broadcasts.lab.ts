import { join } from "node:path";
import { expect } from "vitest";
import { Capture } from "../capture.ts";
import { scenario } from "../scenario.ts";
import { firstClient, sendBroadcasts } from "../suites/broadcasts.ts";
import { identityOf } from "../suites/names.ts";
import { addDhcpDevice, network, startGateway, waitForLease } from "../suites/network.ts";

scenario(
  "ARP requests for others do not reach the identities, those for their own addresses are answered",
  network("dnsmasq", { clients: 1 }),
  async (lab) => {
    await startGateway(lab);
    const { namespace, directory } = lab.gateway;
    const capture = (ifname: string): Promise<Capture> =>
      Capture.start(namespace, ifname, join(directory, `${ifname}.pcap`), ["arp"]);
    const devices = [await addDhcpDevice(lab, 1), await addDhcpDevice(lab, 2)];
    const heard = await Promise.all(
      devices.map(async ({ mac }) => {
        const ip = await waitForLease(lab, mac);
        return { mac, ip, capture: await capture(identityOf(mac)) };
      }),
    );
    const port = await capture("eth0");
    const [client, clientMac] = await firstClient(lab);
    const sender = await sendBroadcasts(lab, 200, 2);
    await sender.exited;
    await client.namespace.ip(["neigh flush all"]);
    for (const { ip } of heard) await client.ping(ip, 1);
    const neighbours = await client.namespace.ipJson(["-4", "neigh", "show", "dev", "eth0"]);
    for (const { mac, ip } of heard)
      expect(neighbours).toContainEqual(expect.objectContaining({ dst: ip, lladdr: mac }));
    const ofClient = ["ether", "src", clientMac, "and", "arp"];
    for (const one of [port, ...heard.map((h) => h.capture)]) await one.stop();
    expect(await port.count(ofClient)).toBeGreaterThan(300);
    for (const { capture, ip } of heard) {
      const lines = await capture.lines(ofClient);
      // A request for one identity's address is still heard by all of them.
      const own = (line: string): boolean => heard.some((h) => line.includes(`who-has ${h.ip}`));
      expect(lines.filter((line) => !own(line))).toEqual([]);
      expect(lines.some((line) => line.includes(`who-has ${ip}`))).toBe(true);
    }
    // Also after the daemon has gone, as long as the identities are there; cleanup ends it.
    await lab.gateway.stop();
    const tables = async (): Promise<string> => (await namespace.run(["nft", "list", "tables"])).stdout;
    expect(await tables()).toContain("table netdev ipv4_ipv6_gateway_heard");
    await lab.gateway.command(["cleanup"]);
    expect(await tables()).not.toContain("ipv4_ipv6_gateway");
  },
);
