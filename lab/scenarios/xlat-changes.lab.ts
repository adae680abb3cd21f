/** A network that becomes another: IPv4 only, IPv6 only, both; the devices follow, and nothing of the mode before is left. */
import { expect } from "vitest";
import { standardPrefix } from "../description6.ts";
import { startDownload } from "../devices.ts";
import { scenario } from "../scenario.ts";
import {
  addDhcpDevice,
  expectNoDrops,
  expectReachesInternet,
  identityAddresses,
  registered,
  server,
  startGateway,
  waitForLease,
} from "../suites/network.ts";
import { expectSpeaks6, quick6, slaacAddress, waitForIpv6 } from "../suites/network6.ts";
import { addServingDevice, waitForPage } from "../suites/reach.ts";
import { expectNoTranslator, expectTranslatedPage, nat64Prefix, waitForTranslation } from "../suites/xlat.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";

/** Two networks beyond the first one tell of their NAT64 in the same way. */
const ways = {
  PREF64: { nat64: nat64Prefix, pref64: nat64Prefix },
  "RFC 7050": { nat64: nat64Prefix, nat64Name: true },
} as const;

for (const [name, ipv6] of Object.entries(ways))
  scenario(
    `from IPv4 alone to IPv6 alone (${name}) to both`,
    { wan: { registered: registered(1), clients: 0 } },
    async (lab) => {
      const beyond = { registered: registered(1), clients: 0 } as const;
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

      const toSix = followed(lab, /464XLAT: the devices' IPv4 goes by NAT64/);
      await lab.moveCable(lab.wan, six);
      await waitForTranslation(lab, mac, 40_000);
      const untilSix = await toSix();
      lab.notes.push(`IPv6 alone: translated ${untilSix} s after the link came up`);
      expect(untilSix).toBeLessThan(15);
      await expectTranslatedPage(lab, device, six);
      await waitFor("no IPv4 address is left", async () => (await identityAddresses(lab, mac)).length === 0);

      const toBoth = followed(lab, /464XLAT: the devices' IPv4 is not translated any more/);
      await lab.moveCable(six, both);
      const leased = async (): Promise<string | undefined> =>
        (await both.dhcp?.leases())?.find((l) => l.mac === mac)?.ip;
      const ip = await waitFor("a lease of the network that has both", leased, { timeoutMs: 40_000 });
      await waitFor("the identity has it", async () => (await identityAddresses(lab, mac)).join() === ip);
      await expectNoTranslator(lab);
      const untilBoth = await toBoth();
      lab.notes.push(`both: not translated any more ${untilBoth} s after the link came up`);
      expect(untilBoth).toBeLessThan(10);
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

scenario(
  "IPv4 that comes ends the translating, and the IPv6 client that the proxy serves does not notice",
  {
    wan: {
      ...{ registered: registered(1), clients: ["ipv6"], dhcpStarted: false },
      ipv6: { nat64: nat64Prefix, pref64: nat64Prefix },
    },
  },
  async (lab) => {
    await startGateway(lab, quick6);
    const device = await addServingDevice(lab, 1, { web: [80] });
    const [client] = lab.wan.clients;
    if (!client) throw new Error("a client was asked for");
    await device.waitForIp();
    await waitForTranslation(lab, device.mac);
    await expectTranslatedPage(lab, device);
    const own = slaacAddress(standardPrefix("a"), device.mac);
    await waitForPage(lab, client, own, 8080, "d1");

    const download = startDownload(client.namespace, `http://[${own}]:8080/slow?bytes=100000000&rate=500000`);
    await lab.gateway.waitFor("the download runs", () => download.received() > 500_000);
    await server(lab).start();
    await expectReachesInternet(lab, device, await waitForLease(lab, device.mac, 40_000));
    await expectNoTranslator(lab);
    const before = download.received();
    await waitFor("the download goes on", () => download.received() > before + 1_000_000);
    expect(download.running).toBe(true);
    await download.stop();
    await expectNoDrops(lab);
  },
);

/** By the gateway's own log, in seconds: from the WAN link's return to the first such line after it. */
function followed(lab: Lab, pattern: RegExp): () => Promise<number> {
  const from = lab.gateway.output.length;
  return async () => {
    const line = await lab.gateway.waitForOutput(pattern, { from });
    const up = lab.gateway.output.slice(from).find((l) => l.includes("WAN link is up again")) ?? "";
    return (loggedAt(line) - loggedAt(up)) / 1000;
  };
}

const loggedAt = (line: string): number => Date.parse(`${line.slice(0, 23).replace(" ", "T")}Z`);
