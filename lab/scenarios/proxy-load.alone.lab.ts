/** Load by IPv6 through the whole gateway, while other devices come and are forgotten and HAProxy takes another configuration. */
import { expect } from "vitest";
import { faults, startLoad } from "../load.ts";
import { scenario } from "../scenario.ts";
import type { Simulator } from "../simulator/simulator.ts";
import { burstMacs } from "../suites/burst.ts";
import { registered, startGateway } from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import {
  addLoadDevice,
  describeLoad,
  ownIp6,
  pidsOf,
  proxiedMacs,
  reloads,
  waitForAnswer,
  waitForNoProblem,
} from "../suites/proxy.ts";
import type { Lab } from "../topology.ts";
import type { WanHost } from "../wan-host.ts";

const steady = [1, 2, 3, 4];
const guests = burstMacs(20);
const config = {
  ...quick6,
  discovery: { poll_interval: 1, offline_after: 5, forget_after: 10 },
};

/** Until HAProxy knows exactly these. */
const waitForProxied = (lab: Lab, macs: readonly string[]) =>
  lab.gateway.waitFor(
    `HAProxy has ${macs.length} devices`,
    async () => (await proxiedMacs(lab)).toSorted().join() === macs.toSorted().join(),
    { timeoutMs: 60_000, everyMs: 250 },
  );

/** Of the kernel: interfaces of these devices. */
const identities = async (lab: Lab): Promise<readonly string[]> => {
  const links = (await lab.gateway.namespace.ipJson(["link", "show"])) as readonly {
    readonly address: string;
  }[];
  return guests.filter((mac) => links.some(({ address }) => address === mac));
};

/** 20 devices that come one after the other, are served, fall silent and are forgotten. */
async function guestsComeAndGo(lab: Lab, simulator: Simulator): Promise<void> {
  await simulator.start({
    count: guests.length,
    firstMac: guests[0] ?? "",
    addressing: { kind: "dhcp" },
    perSecond: 5,
  });
  await waitForProxied(lab, [...registered(...steady), ...guests]);
  expect(await identities(lab)).toEqual(guests);
  await simulator.ask({ command: "remove" });
  await waitForProxied(lab, registered(...steady));
  await lab.gateway.waitFor("no guest has an interface", async () => (await identities(lab)).length === 0);
}

scenario(
  "20 devices come and are forgotten under load, and the gateway is stopped and started with other settings: nothing breaks",
  { wan: { ipv6: {}, registered: [...registered(...steady), ...guests], clients: ["dual"] } },
  async (lab) => {
    await startGateway(lab, config);
    const devices = await Promise.all(steady.map((n) => addLoadDevice(lab, n)));
    const targets = devices.map(({ target }) => target);
    const client = lab.wan.clients[0] as WanHost;
    const simulator = await lab.addSimulator();
    for (const target of targets) await waitForAnswer(lab, client, target);
    const [master] = await pidsOf(lab, "haproxy");
    const before = await reloads(lab);
    const load = await startLoad(client.namespace, {
      targets,
      downloads: 200,
      bytes: 1_200_000,
      rate: 30_000,
      connectionsPerSecond: 500,
      atOnce: 250,
    });
    await guestsComeAndGo(lab, simulator);
    expect(await reloads(lab), "no reload for a device").toBe(before);

    await lab.gateway.stop();
    await startGateway(lab, { ...config, proxy: { stats_port: 8405 } });
    await lab.gateway.waitForOutput(/HAProxy reloaded/, { timeoutMs: 30_000 });
    await waitForProxied(lab, registered(...steady));
    const page = await devices[0]?.device.fetch("http://192.168.1.1:8405/stats");
    expect(page).toContain("device_00005e005301");

    const result = await load.finish(120_000);
    const times = (await reloads(lab)) - before;
    lab.notes.push(
      `${describeLoad(result)}; ${result.seconds.toFixed(0)} s; HAProxy reloaded ${times} times`,
    );
    expect(faults(result)).toEqual([]);
    expect(result.downloads.good).toBe(200);
    // A machine that has other work makes fewer than 500.
    expect(result.connections.good).toBeGreaterThan(200 * result.seconds);
    expect(times).toBe(1);
    expect((await pidsOf(lab, "haproxy"))[0]).toBe(master);
    for (const mac of registered(...steady))
      expect(lab.gateway.output.join("\n")).not.toContain(`${mac} forgotten`);
    expect(targets.map(({ host }) => host)).toEqual(registered(...steady).map(ownIp6));
    await waitForNoProblem(lab);
  },
);
