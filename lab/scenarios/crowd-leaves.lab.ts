import { expect } from "vitest";
import { start } from "../exec.ts";
import { diffKernelStates } from "../kernel-state.ts";
import { scenario } from "../scenario.ts";
import { ask, askAll, socketOf } from "../suites/api.ts";
import { burst, burstConfig, burstIpv6, burstMacs, burstNetwork } from "../suites/burst.ts";
import { identityOf } from "../suites/names.ts";
import { startGateway } from "../suites/network.ts";
import type { Lab } from "../topology.ts";

const count = 24;
const stays = 2;
const config = { ...burstConfig, api: { enabled: true } };

/** Names of the identities there are. */
async function identities({ gateway }: Lab): Promise<string[]> {
  const shown = (await gateway.namespace.ipJson(["link", "show"])) as readonly { readonly ifname: string }[];
  return shown.map(({ ifname }) => ifname).filter((name) => name.startsWith("gw"));
}

/** Whose interface the kernel told to be gone, and in which group it was. */
async function goneBy(lab: Lab, task: () => Promise<void>): Promise<readonly string[]> {
  const lines: string[] = [];
  const monitor = start(lab.gateway.namespace.command(["ip", "monitor", "link"]), {
    onLine: (line) => void lines.push(line),
  });
  await task();
  const gone = (): string[] =>
    lines.flatMap((line) => {
      const [, name, group] = /^Deleted \d+: (gw\w+)@.* group (\w+)/.exec(line) ?? [];
      return name ? [`${name} of ${group}`] : [];
    });
  await lab.gateway.waitFor("the kernel tells of it", () => gone().length > 0);
  await monitor.stop();
  return [...new Set(gone())].sort();
}

const allOf = (macs: readonly string[]): string[] => macs.map((mac) => `${identityOf(mac)} of 7172`).sort();

scenario(
  "a crowd leaves in one step: forgotten at once, and by cleanup; another program's interface in the group stays",
  burstNetwork("kea", count, burstIpv6),
  async (lab) => {
    const { namespace } = lab.gateway;
    await namespace.ip(["link add other0 type veth peer name other1"]);
    const before = await lab.gateway.kernelState();
    await startGateway(lab, config);
    await burst(lab, count, 60, "static");
    const macs = burstMacs(count);
    const [kept, leaving] = [macs.slice(0, stays), macs.slice(stays)];
    await lab.simulators[0]?.ask({ command: "remove", macs: leaving });
    const path = (mac: string): string => `/devices/${mac}`;
    const forgotten = await goneBy(lab, async () => {
      await askAll(
        namespace,
        leaving.map((mac) => ({ method: "DELETE", path: path(mac), socketPath: socketOf(lab) })),
        true,
      );
      await lab.gateway.waitFor(
        "the identities are gone",
        async () => (await identities(lab)).length === stays,
      );
    });
    expect(forgotten.map((line) => line.split(" ")[0])).toEqual(leaving.map(identityOf).sort());
    expect(forgotten.filter((line) => line.endsWith(" 7172")).length).toBeGreaterThanOrEqual(8);
    expect((await identities(lab)).sort()).toEqual(kept.map(identityOf).sort());
    expect((await ask(namespace, { path: path(kept[0] ?? ""), socketPath: socketOf(lab) })).status).toBe(200);
    // They come back, and all of them leave.
    const simulator = await lab.addSimulator("again");
    await simulator.start({
      ...{ count: leaving.length, firstMac: leaving[0] ?? "" },
      addressing: { kind: "static", firstIp: "10.20.2.0", router: "10.20.0.1" },
    });
    const back = async () => (await identities(lab)).length === count;
    await lab.gateway.waitFor("all are back", back, { timeoutMs: 30_000 });
    await lab.gateway.stop();
    const byCleanup = await goneBy(lab, async () => {
      expect(await lab.gateway.command(["cleanup"])).toMatchObject({ code: 0, stderr: "" });
    });
    expect(byCleanup).toEqual(allOf(macs));
    expect(diffKernelStates(before, await lab.gateway.kernelState())).toEqual([]);
    // Somebody else's interface is in the group.
    await startGateway(lab, config);
    await lab.gateway.waitFor("all are back", back, { timeoutMs: 30_000 });
    await lab.gateway.stop();
    await namespace.ip(["link set other0 group 7172"]);
    expect(await lab.gateway.command(["cleanup"])).toMatchObject({ code: 0, stderr: "" });
    await namespace.ip(["link set other0 group default"]);
    expect(diffKernelStates(before, await lab.gateway.kernelState())).toEqual([]);
  },
  { timeoutMs: 180_000 },
);
