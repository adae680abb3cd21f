import { join } from "node:path";
import { expect } from "vitest";
import { Capture } from "../capture.ts";
import { scenario } from "../scenario.ts";
import { sendFrames } from "../send-frames.ts";
import { firstClient, sendBroadcasts } from "../suites/broadcasts.ts";
import { udpDatagram } from "../suites/crafted.ts";
import { identityOf } from "../suites/names.ts";
import { addDhcpDevice, network, startGateway, waitForLease } from "../suites/network.ts";
import { quick6, slaacAddress, waitForIpv6 } from "../suites/network6.ts";

/** An ARP request in VLAN 5 (IEEE 802.1Q), for a host that is not there. */
const taggedRequest = (from: string): Uint8Array => {
  const mac = from.replaceAll(":", "");
  const words = [
    "ffffffffffff",
    mac,
    "81000005",
    "08060001080006040001",
    mac,
    "0a000001",
    "000000000000",
    "0a000009",
  ];
  return Buffer.from(words.join("").padEnd(120, "0"), "hex");
};

scenario(
  "ARP requests reach the identity whose address is asked for, and no other",
  network("dnsmasq", { clients: 1 }),
  async (lab) => {
    await startGateway(lab);
    const { namespace, directory } = lab.gateway;
    const capture = (ifname: string): Promise<Capture> =>
      Capture.start(namespace, ifname, join(directory, `${ifname}.pcap`), ["arp", "or", "vlan"]);
    const devices = [await addDhcpDevice(lab, 1), await addDhcpDevice(lab, 2)];
    const heard = await Promise.all(
      devices.map(async ({ mac }) => {
        const ip = await waitForLease(lab, mac);
        return { mac, ip, capture: await capture(identityOf(mac)) };
      }),
    );
    const port = await capture("eth0");
    const [client, clientMac] = await firstClient(lab);
    await sendFrames(client.namespace, "eth0", taggedRequest(clientMac));
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
    const tables = async (): Promise<string> => (await namespace.run(["nft", "list", "tables"])).stdout;
    expect(await tables()).toContain("table netdev ipv4_ipv6_gateway_heard");
    await lab.gateway.command(["cleanup"]);
    expect(await tables()).not.toContain("ipv4_ipv6_gateway");
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
    const { namespace, directory } = lab.gateway;
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
        const capture = await Capture.start(namespace, identityOf(mac), join(directory, `${mac}.pcap`));
        return { mac, formed, leased, capture };
      }),
    );
    const port = await Capture.start(namespace, "eth0", join(directory, "eth0.pcap"));
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
