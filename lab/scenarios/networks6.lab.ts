/** Every kind of network: what it offers is found out and taken, under the devices' own names. */
import { expect } from "vitest";
import type { WanDescription } from "../description.ts";
import { strictPairs } from "../evidence.ts";
import { scenario } from "../scenario.ts";
import {
  addDhcpDevice,
  expectNoDrops,
  expectReachesInternet,
  registered,
  startGateway,
  waitForStatus,
} from "../suites/network.ts";
import {
  expectGatewaySpeaks,
  expectReachable6,
  expectSpeaks6,
  identityAddresses6,
  quick6,
  slaacAddress,
  waitForIpv6,
} from "../suites/network6.ts";
import { waitFor } from "../wait.ts";

const prefix = "2001:db8:a::/64";

interface Kind {
  readonly name: string;
  readonly wan: WanDescription;
  readonly slaac: readonly string[];
  /** A leased address in this range besides. */
  readonly leased?: RegExp;
  /** What `gateway status` says of the network. */
  readonly offers: RegExp;
}

const kinds: readonly Kind[] = [
  { name: "IPv4 only", wan: {}, slaac: [], offers: /IPv4 by DHCP, no IPv6/ },
  {
    name: "IPv6 only, by SLAAC",
    wan: { ipv4: false, ipv6: {} },
    slaac: [prefix],
    offers: /no IPv4, IPv6 by SLAAC \(2001:db8:a::\/64\)\n/,
  },
  {
    name: "IPv6 only, by stateful DHCPv6",
    wan: { ipv4: false, ipv6: { dhcp6: "kea", prefixes: [{ prefix, autonomous: false }] } },
    slaac: [],
    leased: /^2001:db8:a::1[0-9a-f]{3}$/,
    offers: /no IPv4, IPv6 by stateful DHCPv6/,
  },
  {
    name: "SLAAC and stateless DHCPv6 of dnsmasq",
    wan: { ipv4: false, ipv6: { ra: "dnsmasq", dhcp6: "dnsmasq" } },
    slaac: [prefix],
    offers: /IPv6 by SLAAC \(2001:db8:a::\/64\) and stateless DHCPv6/,
  },
  {
    name: "dual-stack, with SLAAC and stateful DHCPv6",
    wan: { ipv6: { dhcp6: "kea" } },
    slaac: [prefix],
    leased: /^2001:db8:a::1[0-9a-f]{3}$/,
    offers: /IPv4 by DHCP, IPv6 by SLAAC \(2001:db8:a::\/64\)\s+and\s+stateful\s+DHCPv6/,
  },
  {
    name: "dual-stack, where DHCPv6 never answers",
    wan: { ipv6: { managed: true } },
    slaac: [prefix],
    offers: /IPv4 by DHCP, IPv6 by SLAAC \(2001:db8:a::\/64\)/,
  },
  {
    name: "dual-stack, with two prefixes",
    wan: { ipv6: { prefixes: [prefix, "2001:db8:a1::/64"] } },
    slaac: [prefix, "2001:db8:a1::/64"],
    offers: /IPv6 by SLAAC \(2001:db8:a1?::\/64,\s+2001:db8:a1?::\/64\)/,
  },
];

for (const kind of kinds) {
  scenario(kind.name, { wan: { ...kind.wan, registered: registered(1, 2) } }, async (lab) => {
    const { wan } = lab;
    await startGateway(lab, quick6);
    const devices = [await addDhcpDevice(lab, 1), await addDhcpDevice(lab, 2)];
    const addresses = new Map<string, readonly string[]>();
    for (const { mac } of devices) {
      const slaac = kind.slaac.map((p) => slaacAddress(p, mac));
      await waitForIpv6(lab, mac, (there) => {
        const leased = there.filter((a) => !slaac.includes(a));
        const complete = slaac.every((a) => there.includes(a));
        return (
          complete && leased.length === (kind.leased ? 1 : 0) && leased.every((a) => kind.leased?.test(a))
        );
      });
      addresses.set(mac, await identityAddresses6(lab, mac));
    }
    for (const { mac } of devices)
      for (const address of addresses.get(mac) ?? []) {
        await expectReachable6(wan, mac, address);
        await expectSpeaks6(lab, wan, mac, address);
      }
    const ipv4: string[] = [];
    if (kind.wan.ipv4 !== false)
      for (const device of devices) {
        const told = await waitForStatus(lab, device.mac, "active");
        const ip = await waitFor("its IPv4 lease", async () => told.ipv4_wan_address);
        await expectReachesInternet(lab, device, ip);
        ipv4.push(ip);
      }
    await expectGatewaySpeaks(lab, [...ipv4, ...[...addresses.values()].flat()]);
    await lab.gateway.waitFor(
      "status tells what the network offers",
      async () => kind.offers.test((await lab.gateway.command(["status", "--direct"])).stdout),
      { timeoutMs: 30_000 },
    );
    await expectNoDrops(lab);
    const pairs = await strictPairs(wan);
    expect(pairs.filter((p) => p.is === "stranger")).toEqual([]);
    expect(new Set(pairs.map((p) => p.mac))).toEqual(new Set(devices.map((d) => d.mac)));
  });
}
