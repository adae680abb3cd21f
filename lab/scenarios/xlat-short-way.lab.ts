/** Datagrams of a flow that goes on take the short way from the translator to the router; what comes back, and each flow's first, the whole one. */
import { expect } from "vitest";
import { standardPrefix } from "../description6.ts";
import { scenario } from "../scenario.ts";
import { addDhcpDevice, expectNoDrops, registered, startGateway } from "../suites/network.ts";
import { quick6, slaacAddress } from "../suites/network6.ts";
import { countWholeWays, serveStreams, stream } from "../suites/short-way.ts";
import { expectOwnAddress, expectTranslated, nat64Prefix, waitForTranslation } from "../suites/xlat.ts";
import { waitFor } from "../wait.ts";

scenario(
  "464XLAT: datagrams that follow in a flow go the short way under the device's own address, and cleanup leaves nothing of it",
  {
    wan: {
      ipv4: false,
      registered: registered(1, 2),
      clients: 0,
      ipv6: { nat64: nat64Prefix, pref64: nat64Prefix },
    },
  },
  async (lab) => {
    await startGateway(lab, quick6);
    const device = await addDhcpDevice(lab, 1);
    await device.waitForIp();
    await waitForTranslation(lab, device.mac);
    await expectTranslated(lab, device);
    const ip = await serveStreams(lab);
    const { namespace } = lab.gateway;
    const wholeWays = await countWholeWays(namespace, 'iifname "xlat464" meta nfproto ipv6');

    const up = await stream(device.namespace, ip);
    expect(up.sent).toBeGreaterThan(5000);
    expect(up.lost).toBeLessThan(up.sent / 100);
    const whole = await wholeWays();
    lab.notes.push(`${whole} of ${up.sent} datagrams went the whole way`);
    // Each flow's first, and one of it every 2 s.
    expect(whole).toBeGreaterThan(1);
    expect(whole).toBeLessThan(up.sent / 20);
    const down = await stream(device.namespace, ip, { how: ["-R"] });
    expect(down.lost).toBeLessThan(down.sent / 100);
    await expectOwnAddress(device, slaacAddress(standardPrefix("a"), device.mac), lab.wan);

    const other = await addDhcpDevice(lab, 2);
    await other.waitForIp();
    await waitForTranslation(lab, other.mac);
    const two = await Promise.all([stream(other.namespace, ip), device.ping(ip)]);
    lab.notes.push(`another device: ${two[0].lost} of ${two[0].sent} lost`);
    expect(two[0].lost).toBeLessThan(two[0].sent / 100);
    await expectNoDrops(lab);

    await lab.gateway.stop();
    const removed = await lab.gateway.command(["cleanup"]);
    expect(removed.code).toBe(0);
    await waitFor("no table of ours is left", async () => {
      const { stdout } = await namespace.run(["nft", "list", "tables"]);
      return !stdout.includes("ipv4_ipv6_gateway");
    });
  },
);
