import { join } from "node:path";
import { expect } from "vitest";
import { Capture } from "../capture.ts";
import { scenario } from "../scenario.ts";
import { sendFrames } from "../send-frames.ts";
import { firstClient, sendBroadcasts } from "../suites/broadcasts.ts";
import { taggedArpRequest, udpDatagram } from "../suites/crafted.ts";
import { identityOf } from "../suites/names.ts";
import { addDhcpDevice, network, startGateway, waitForLease } from "../suites/network.ts";
import { quick6, slaacAddress, waitForIpv6 } from "../suites/network6.ts";
import type { Lab } from "../topology.ts";

/** Frames that arrive at an interface of the gateway. */
const captureOn = ({ gateway }: Lab, ifname: string, filter: readonly string[] = []): Promise<Capture> =>
  Capture.start(gateway.namespace, ifname, join(gateway.directory, `${ifname}.pcap`), filter);

const gatewayTables = async ({ gateway }: Lab): Promise<string> =>
  (await gateway.namespace.run(["nft", "list", "tables"])).stdout;

scenario(
  "ARP requests reach the identity whose address is asked for, and no other",
  network("dnsmasq", { clients: 1 }),
  async (lab) => {
    await startGateway(lab);
    const capture = (ifname: string): Promise<Capture> => captureOn(lab, ifname, ["arp", "or", "vlan"]);
    const devices = [await addDhcpDevice(lab, 1), await addDhcpDevice(lab, 2)];
    const heard = await Promise.all(
      devices.map(async ({ mac }) => {
        const ip = await waitForLease(lab, mac);
        return { mac, ip, capture: await capture(identityOf(mac)) };
      }),
    );
    const port = await capture("eth0");
    const [client, clientMac] = await firstClient(lab);
    await sendFrames(client.namespace, "eth0", taggedArpRequest(clientMac, 5));
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
      expect(lines.filter((line) => !line.includes(`who-has ${ip}`))).toEqual([]);
      // What is in a VLAN of somebody else on the port is left alone.
      expect(await capture.count(["vlan", "5", "and", "arp"])).toBe(1);
      expect(lines).not.toEqual([]);
    }
    // Also after the daemon has gone, as long as the identities are there; cleanup ends it.
    await lab.gateway.stop();
    expect(await gatewayTables(lab)).toContain("table netdev ipv4_ipv6_gateway_heard");
    await lab.gateway.command(["cleanup"]);
    expect(await gatewayTables(lab)).not.toContain("ipv4_ipv6_gateway");
  },
);

/** Names (RFC 6762) and NetBIOS asked of everybody, as busy segments have them. */
const toAll = [
  { toMac: "ff:ff:ff:ff:ff:ff", source: "198.51.100.250", destination: "255.255.255.255", port: 137 },
  { toMac: "01:00:5e:00:00:fb", source: "198.51.100.250", destination: "224.0.0.251", port: 5353 },
  { toMac: "33:33:00:00:00:fb", source: "fe80::250", destination: "ff02::fb", port: 5353 },
];

scenario(
  "of what the segment sends to all in IPv6, and of datagrams, an identity hears what concerns it",
  network("dnsmasq", { clients: 1, ipv6: { dhcp6: "kea" } }),
  async (lab) => {
    await startGateway(lab, quick6);
    const devices = [await addDhcpDevice(lab, 1), await addDhcpDevice(lab, 2)];
    const heard = await Promise.all(
      devices.map(async ({ mac }) => {
        const formed = slaacAddress("2001:db8:a::/64", mac);
        const { ipv6_address } = await waitForIpv6(
          lab,
          mac,
          (there) => there.length === 2 && there.includes(formed),
        );
        const leased = (ipv6_address ?? "").split(",").find((ip) => ip !== formed) ?? "";
        const capture = await captureOn(lab, identityOf(mac));
        return { mac, formed, leased, capture };
      }),
    );
    const port = await captureOn(lab, "eth0");
    const [client, clientMac] = await firstClient(lab);
    const frames = toAll.map(({ port: to, ...probe }) =>
      udpDatagram({ ...probe, fromMac: clientMac, mark: 40_000 }, to),
    );
    await sendFrames(client.namespace, "eth0", ...frames);
    await client.namespace.ip(["neigh flush dev eth0"]);
    for (const { formed, leased } of heard) for (const ip of [formed, leased]) await client.ping(ip, 1);
    const neighbours = await client.namespace.ipJson(["-6", "neigh", "show", "dev", "eth0"]);
    for (const { mac, formed, leased } of heard)
      for (const dst of [formed, leased])
        expect(neighbours).toContainEqual(expect.objectContaining({ dst, lladdr: mac }));
    for (const one of [port, ...heard.map((h) => h.capture)]) await one.stop();
    expect(await port.count(["udp", "src", "port", "40000"])).toBe(toAll.length);
    for (const { capture, formed } of heard) {
      expect(await capture.lines(["udp", "and", "src", "port", "40000"])).toEqual([]);
      const asked = (await capture.lines(["icmp6", "and", "ether", "src", clientMac])).filter((line) =>
        line.includes("neighbor solicitation"),
      );
      const others = heard.filter((h) => h.formed !== formed).map((h) => `who has ${h.formed},`);
      expect(asked.some((line) => line.includes(`who has ${formed},`))).toBe(true);
      expect(asked.filter((line) => others.some((other) => line.includes(other)))).toEqual([]);
    }
  },
);

/** Addresses to lease of which each looks as if it were made of a MAC (RFC 4291 appendix A). */
const likeMade = ["2001:db8:a::211:22ff:fe33:1000", "2001:db8:a::211:22ff:fe33:1fff"] as const;

scenario(
  "a leased address that looks as if it were made of another MAC is found; a port that becomes a host of its own hears everything",
  network("dnsmasq", { clients: 1, ipv6: { dhcp6: "kea", dhcp6Options: { pool: likeMade } } }),
  async (lab) => {
    await startGateway(lab, quick6);
    const { mac } = await addDhcpDevice(lab);
    const { ipv6_address } = await waitForIpv6(lab, mac, (there) => there.length === 2);
    const leased = ipv6_address?.split(",").find((ip) => ip !== slaacAddress("2001:db8:a::/64", mac)) ?? "";
    expect(leased).toContain(":211:22ff:fe33:1");
    const [client] = await firstClient(lab);
    await client.namespace.ip(["neigh flush dev eth0"]);
    await client.ping(leased, 1);
    const neighbours = await client.namespace.ipJson(["-6", "neigh", "show", "dev", "eth0"]);
    expect(neighbours).toContainEqual(expect.objectContaining({ dst: leased, lladdr: mac }));
    expect(await gatewayTables(lab)).toContain("table netdev ipv4_ipv6_gateway_heard");
    await lab.gateway.stop();
    await startGateway(lab, { ...quick6, wan: { ...quick6.wan, own_mac: "use" } });
    await lab.gateway.waitFor(
      "the table is taken away",
      async () => !(await gatewayTables(lab)).includes("ipv4_ipv6_gateway_heard"),
    );
  },
  { ownMac: "use" },
);
