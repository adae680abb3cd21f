/** A network that becomes another: IPv4 only, IPv6 only, both; the devices follow, and nothing of the mode before is left. */
import { expect } from "vitest";
import { standardPrefix } from "../description6.ts";
import { scenario } from "../scenario.ts";
import {
  addDhcpDevice,
  expectReachesInternet,
  identityAddresses,
  registered,
  startGateway,
  waitForLease,
} from "../suites/network.ts";
import { expectSpeaks6, quick6, slaacAddress, waitForIpv6 } from "../suites/network6.ts";
import { expectNoTranslator, expectTranslatedPage, nat64Prefix, waitForTranslation } from "../suites/xlat.ts";
import { waitFor } from "../wait.ts";

scenario(
  "from IPv4 alone to IPv6 alone to both",
  { wan: { registered: registered(1), clients: 0 } },
  async (lab) => {
    const beyond = { registered: registered(1), clients: 0 } as const;
    const ipv6 = { nat64: nat64Prefix, pref64: nat64Prefix };
    const [six, both] = await Promise.all([
      lab.addWan({ name: "b", subnet: "198.51.101.0/24", ipv4: false, ipv6, ...beyond }),
      lab.addWan({ name: "c", subnet: "198.51.102.0/24", ipv6, ...beyond }),
    ]);
    await startGateway(lab, quick6);
    const device = await addDhcpDevice(lab, 1);
    const { mac } = device;
    await device.waitForIp();
    await expectReachesInternet(lab, device, await waitForLease(lab, mac));
    await expectNoTranslator(lab);

    const toSix = await lab.moveCable(lab.wan, six);
    await waitForTranslation(lab, mac, 40_000);
    lab.notes.push(`IPv6 alone: translated after ${Math.round(performance.now() - toSix)} ms`);
    await expectTranslatedPage(lab, device, six);
    await waitFor("no IPv4 address is left", async () => (await identityAddresses(lab, mac)).length === 0);

    const toBoth = await lab.moveCable(six, both);
    const leased = async (): Promise<string | undefined> =>
      (await both.dhcp?.leases())?.find((l) => l.mac === mac)?.ip;
    const ip = await waitFor("a lease of the network that has both", leased, { timeoutMs: 40_000 });
    await waitFor("the identity has it", async () => (await identityAddresses(lab, mac)).join() === ip);
    await expectNoTranslator(lab);
    lab.notes.push(`both: nothing of it left after ${Math.round(performance.now() - toBoth)} ms`);
    const own = slaacAddress(standardPrefix("c"), mac);
    const told = await waitForIpv6(lab, mac, [own]);
    expect(told.reason ?? "").not.toContain("464XLAT");
    await expectSpeaks6(lab, both, mac, own);
    const page = await device.fetch(`http://${both.internet.ip}/`, 3);
    expect(JSON.parse(page)).toMatchObject({ client: ip });
  },
  // Until a lease is verified, a device may speak under it in the new network.
  { guardDrops: "allowed" },
);
