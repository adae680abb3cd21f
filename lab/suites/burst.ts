/** Many simulated devices at once, timed from the LAN's first frame to the last installed lease; for the scenario and the bench. */
import { readFile } from "node:fs/promises";
import type { LabDescription } from "../description.ts";
import type { DhcpServerKind } from "../servers/dhcp-server.ts";
import { nextMac } from "../simulator/protocol.ts";
import type { Lab } from "../topology.ts";

const firstMac = "00:16:3e:10:00:01";

export const burstMacs = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => nextMac(firstMac, n));

/** A LAN and a WAN with room for `count` devices, all registered. */
export const burstNetwork = (dhcp: DhcpServerKind, count: number): LabDescription => ({
  lan: { subnet: "10.20.0.0/20" },
  wan: {
    dhcp,
    subnet: "198.18.0.0/16",
    registered: burstMacs(count),
    dhcpOptions: { poolStart: "198.18.1.0", poolEnd: "198.18.40.255", leaseSeconds: 3600 },
  },
});

export const burstConfig = {
  lan: { dhcp_start: 10, dhcp_limit: 4000 },
  discovery: { max_devices: 4000 },
  pacing: { profile: "unlimited" },
  log: { level: "info" },
};

export interface BurstFigures {
  readonly count: number;
  /** From the simulator's start command to the last device's LAN address. */
  readonly lanSeconds: number | undefined;
  /** From the same moment to the last identity that carries its WAN address. */
  readonly installedSeconds: number;
  /** Processes and threads that came into being meanwhile, in the whole laboratory. */
  readonly started: number;
  /** Resident memory of the daemon afterwards. */
  readonly rssMegabytes: number;
  /** Processor time of the daemon, user and system. */
  readonly cpuSeconds: number;
}

/** Process ids of the sandbox are given out in order, so the last one tells how many there have been. */
const lastPid = async (): Promise<number> => Number(await readFile("/proc/sys/kernel/ns_last_pid", "utf8"));

async function installed(lab: Lab): Promise<number> {
  const links = (await lab.gateway.namespace.ipJson(["-4", "addr", "show"])) as readonly {
    readonly ifname: string;
    readonly addr_info: readonly unknown[];
  }[];
  return links.filter((l) => l.ifname.startsWith("gw") && l.addr_info.length > 0).length;
}

/** The gateway must be running. */
export async function burst(lab: Lab, count: number): Promise<BurstFigures> {
  const simulator = await lab.addSimulator();
  const pidBefore = await lastPid();
  const from = lab.gateway.output.length;
  const startedAt = performance.now();
  await simulator.start({ count, firstMac, addressing: { kind: "dhcp" }, hostName: "sim" });
  const configured = (): number =>
    lab.gateway.output.slice(from).filter((l) => / configured: WAN IPv4 /.test(l)).length;
  await lab.gateway.waitFor(`${count} devices are configured`, () => configured() >= count, {
    timeoutMs: 120_000,
    everyMs: 10,
  });
  const installedSeconds = (performance.now() - startedAt) / 1000;
  const started = (await lastPid()) - pidBefore;
  if ((await installed(lab)) !== count)
    throw new Error(`the kernel has ${await installed(lab)} identities with an address, not ${count}`);
  const { allBoundMs } = await simulator.stats();
  const [rssMegabytes, cpuSeconds] = await usage(lab.gateway.pid);
  const lanSeconds = allBoundMs === undefined ? undefined : allBoundMs / 1000;
  return { count, lanSeconds, installedSeconds, started, rssMegabytes, cpuSeconds };
}

async function usage(pid: number): Promise<readonly [rss: number, cpu: number]> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const stat = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
  const ticks = Number(stat[11]) + Number(stat[12]);
  return [Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024, ticks / 100];
}
