/** Hundreds of devices whose IPv4 is translated at once: what others do disturbs none of them. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { hostOf } from "../description.ts";
import { faults, startLoad, startLoadServer } from "../load.ts";
import { addManyHosts } from "../many-hosts.ts";
import { scenario } from "../scenario.ts";
import { burstMacs } from "../suites/burst.ts";
import { addDhcpDevice, expectNoDrops, registered, startGateway } from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import { expectTranslatedPage, nat64Prefix, translatorPid, waitForTranslation } from "../suites/xlat.ts";
import type { Lab } from "../topology.ts";

const count = 300;
const macs = burstMacs(count);
const subnet = "10.20.0.0/20";
const port = 4000;
/** Octets a second of each, for so long that devices come and go meanwhile. */
const rate = 8_000;
/** Milliseconds between its pieces, so that the transfers and not the processors are what is tried. */
const tick = 500;
const seconds = 50;

const config = {
  ...quick6,
  discovery: { poll_interval: 1, offline_after: 5, forget_after: 10 },
  dhcpv4: { ...quick6.dhcpv4, failed_retry: 60 },
  log: { level: "info" },
};

const translated = async (lab: Lab): Promise<number> =>
  (await lab.gateway.devices()).filter((d) => d.status === "active" && d.reason?.includes("464XLAT")).length;

/** What the program of the translator is, and what it was told at its start. */
const translator = async (lab: Lab) => ({
  pid: await translatorPid(lab),
  configuration: await readFile(join(lab.gateway.directory, "run", "tayga.conf"), "utf8"),
});

scenario(
  "300 devices download through the translator at once while one comes and another is forgotten: no transfer breaks or stalls",
  {
    lan: { subnet },
    wan: {
      ipv4: false,
      ipv6: { nat64: nat64Prefix, pref64: nat64Prefix },
      registered: [...macs, ...registered(1, 2)],
      clients: 0,
    },
  },
  async (lab) => {
    const { internet } = lab.wan;
    await startLoadServer(internet.namespace, [port]);
    await startGateway(lab, config);
    const leaver = await addDhcpDevice(lab, 2);
    const hosts = await addManyHosts(lab, macs, (n) => hostOf(subnet, 1000 + n));
    const load = {
      from: hosts.addresses,
      targets: [{ host: internet.ip, port, answer: "" }],
      ...{ bytes: rate * seconds, rate, tick, connectionsPerSecond: 0 },
    };
    // A host with a static address gives itself away by its first packet to anywhere.
    const first = await startLoad(hosts.namespace, {
      ...load,
      ...{ targets: [{ host: "10.20.0.1", port: 9, answer: "" }], downloads: 0, connectionsPerSecond: 100 },
    });
    const began = performance.now();
    await lab.gateway.waitFor(
      "all devices are translated",
      async () => (await translated(lab)) === count + 1,
      { timeoutMs: 60_000, everyMs: 500 },
    );
    await first.finish();
    const upAfter = performance.now() - began;
    await waitForTranslation(lab, leaver.mac);
    await expectTranslatedPage(lab, leaver);
    const before = await translator(lab);

    const transfers = await startLoad(hosts.namespace, { ...load, downloads: count });
    const runningSince = performance.now();
    await lab.removeDevice(leaver);
    const newcomer = await addDhcpDevice(lab, 1);
    await waitForTranslation(lab, newcomer.mac);
    await expectTranslatedPage(lab, newcomer);
    await lab.gateway.waitFor(
      "the device that was unplugged is forgotten",
      async () => !(await lab.gateway.devices()).some(({ mac_address }) => mac_address === leaver.mac),
      { timeoutMs: 40_000, everyMs: 500 },
    );
    const changesTook = performance.now() - runningSince;
    expect(changesTook, "all transfers ran while this happened").toBeLessThan(seconds * 1000);
    const result = await transfers.finish(120_000);
    lab.notes.push(
      `${count} devices translated after ${Math.round(upAfter / 1000)} s; ${result.downloads.good} transfers good, longest pause of one ${result.longestPauseMs} ms; the changes took ${Math.round(changesTook / 1000)} s`,
    );
    expect(faults(result)).toEqual([]);
    expect(result.downloads.good).toBe(count);
    expect(result.longestPauseMs).toBeLessThan(2500);
    expect(await translator(lab)).toEqual(before);
    await expectNoDrops(lab);
  },
);
