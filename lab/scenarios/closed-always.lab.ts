/** From the WAN nothing but the forwards is ever open: not while the gateway starts, runs, is killed, starts again, and stops. */
import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import { startServices } from "../services.ts";
import { registered, startGateway } from "../suites/network.ts";
import { quick6, slaacAddress } from "../suites/network6.ts";
import {
  addServingDevice,
  automatic,
  openPorts,
  serving,
  waitForAddresses,
  waitForPage,
} from "../suites/reach.ts";
import { type Findings, watchFromOutside } from "../suites/watched.ts";
import type { Lab } from "../topology.ts";
import { sleep } from "../wait.ts";
import type { WanHost } from "../wan-host.ts";

const portMac = "00:00:5e:00:53:f0";
const host = "the-gateway-host";
const linkLocal = (mac: string): string => slaacAddress("fe80::/64", mac);
const at = (addresses: readonly string[], ports: readonly number[]): string[] =>
  addresses.flatMap((ip) => ports.map((port) => `${ip}/${port}`)).sort();

/** Programs of the machine's own, on all addresses: some on ports that lead to devices, some not. */
const startHostPrograms = (lab: Lab) =>
  startServices(lab.gateway.namespace, host, { web: [22, 80, 5050, 8081, 9999] });

/** Short enough that a round falls into each moment of a start. */
const quickLook = {
  ports: "21-23,53,80,443,2222,2323,3389,5050,5900,8080,8081,8404,8443,9999,61440-61450",
  pages: [22, 80, 5050, 8080, 9999],
};

/** Watches while something happens, and looks that only what may be open was. */
async function during(
  lab: Lab,
  what: string,
  addresses: readonly string[],
  allowed: readonly string[],
  happens: () => Promise<unknown>,
): Promise<Findings> {
  const watching = watchFromOutside(lab.wan.clients[0] as WanHost, addresses, quickLook);
  await happens();
  const findings = await watching.finish();
  const strange = findings.open.filter((port) => !allowed.includes(port));
  expect({ what, strange, servers: findings.servers.filter((s) => s !== "d1") }).toEqual({
    what,
    strange: [],
    servers: [],
  });
  lab.notes.push(`${what}: ${findings.rounds.scans} scans, ${findings.rounds.pages} rounds of pages`);
  return findings;
}

/** A whole scan goes on while the gateway is killed and started. */
async function fullScanDuring(lab: Lab, addresses: readonly string[], happens: () => Promise<unknown>) {
  const [found] = await Promise.all([openPorts(lab.wan.clients[0] as WanHost, addresses), happens()]);
  return found;
}

async function killAndStart(lab: Lab, config: typeof quick6): Promise<void> {
  await lab.gateway.stop("SIGKILL");
  await sleep(500);
  await startGateway(lab, config);
}

scenario(
  "start, scan of everything, SIGKILL, restart, reload of the proxy, stop: only the forwards are open",
  { wan: { ipv6: {}, registered: registered(1), clients: ["dual"] } },
  async (lab) => {
    await startHostPrograms(lab);
    const mac = registered(1)[0] as string;
    const device = await addServingDevice(lab, 1, { web: [80], banner: [23] });
    const ip6 = slaacAddress("2001:db8:a::/64", mac);
    const known = [ip6, linkLocal(mac), linkLocal(portMac)];
    const allowed6 = at([ip6], automatic);
    await during(lab, "the first start", known, allowed6, async () => {
      await startGateway(lab, quick6);
      await waitForAddresses(lab, device, { four: 1, six: 1 });
    });
    const { addresses4 } = await waitForAddresses(lab, device, { four: 1, six: 1 });
    const client = lab.wan.clients[0] as WanHost;
    await waitForPage(lab, client, ip6, 8080, device.name);
    const all = [...addresses4, ...known];
    const allowed = [...at(addresses4, serving), ...allowed6].sort();
    const happenings: readonly (readonly [string, () => Promise<unknown>])[] = [
      ["SIGKILL and start", () => killAndStart(lab, quick6)],
      ["stop and start", () => lab.gateway.stop().then(() => startGateway(lab, quick6))],
      [
        "a start with another page for statistics, which reloads HAProxy",
        () => lab.gateway.stop().then(() => startGateway(lab, { ...quick6, proxy: { stats_port: 8405 } })),
      ],
    ];
    for (const [what, happens] of happenings) await during(lab, what, all, allowed, happens);
    expect(await fullScanDuring(lab, all, () => killAndStart(lab, quick6))).toEqual(allowed);
    await waitForPage(lab, client, ip6, 8080, device.name);
    expect(await openPorts(client, all)).toEqual(allowed);
  },
);
