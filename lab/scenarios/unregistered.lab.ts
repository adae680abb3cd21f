/** A MAC that the network does not know hears router advertisements all the same: nothing of that counts until something answers. */
import { expect } from "vitest";
import { deviceMac, type WanDescription } from "../description.ts";
import { scenario } from "../scenario.ts";
import { addDhcpDevice, registered, startGateway, waitForStatus } from "../suites/network.ts";
import { expectReachable6, expectSpeaks6, quick6, slaacAddress, waitForIpv6 } from "../suites/network6.ts";
import { packetsOf } from "../switch-counters.ts";

const prefix = "2001:db8:a::/64";
const stranger = deviceMac(4);
const known = deviceMac(1);
const unanswered = /^(no answer to DHCP|router fe80::\S+ does not answer).*is this MAC registered\?$/;

const kinds: readonly (readonly [name: string, wan: WanDescription, slaac: boolean])[] = [
  ["by SLAAC alone", { ipv4: false, ipv6: {} }, true],
  [
    "by DHCPv6 alone",
    { ipv4: false, ipv6: { dhcp6: "kea", prefixes: [{ prefix, autonomous: false }] } },
    false,
  ],
  ["with IPv4 and SLAAC", { ipv6: {} }, true],
];

for (const [name, wan, slaac] of kinds) {
  scenario(
    `unregistered on a network ${name}: the device fails and says why, and comes up when it is registered`,
    // Before it is registered its checks for duplicates are dropped; the switch learns it late.
    { wan: { ...wan, registered: registered(1) } },
    async (lab) => {
      await startGateway(lab, quick6);
      await addDhcpDevice(lab, 1);
      await addDhcpDevice(lab, 4);
      await waitForStatus(lab, known, "active");
      const failed = await waitForStatus(lab, stranger, "failed", 30_000);
      expect(failed.reason).toMatch(unanswered);
      expect(packetsOf((await lab.wan.firewall.counters()).unregistered, stranger)).toBeGreaterThan(0);
      expect((await waitForStatus(lab, known, "active")).reason ?? "").not.toMatch(/does not answer/);
      await lab.wan.firewall.register(stranger);
      const at = performance.now();
      const told = await waitForIpv6(
        lab,
        stranger,
        (there) => there.length === 1 && (!slaac || there[0] === slaacAddress(prefix, stranger)),
        60_000,
      );
      lab.notes.push(`up ${((performance.now() - at) / 1000).toFixed(1)} s after it was registered`);
      const address = told.ipv6_address ?? "";
      await expectReachable6(lab.wan, stranger, address);
      await expectSpeaks6(lab, lab.wan, stranger, address);
      if (wan.ipv4 !== false)
        await lab.gateway.waitFor("IPv4 too", async () => {
          const [row] = (await lab.gateway.devices()).filter((d) => d.mac_address === stranger);
          return row?.ipv4_wan_address;
        });
    },
    { guardDrops: "allowed" },
  );
}
