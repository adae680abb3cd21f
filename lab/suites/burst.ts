/** Many simulated devices at once, timed from the LAN's first frame to the last address in place; for the scenarios and the bench. */
import { readFile } from "node:fs/promises";
import type { LabDescription } from "../description.ts";
import type { Ipv6Description } from "../description6.ts";
import type { DhcpServerKind } from "../servers/dhcp-server.ts";
import { nextMac } from "../simulator/protocol.ts";
import type { Lab } from "../topology.ts";
import { sleep } from "../wait.ts";
import { AddressWatch } from "./address-watch.ts";
import { allLeased } from "./all-leased.ts";
import { cpuUse, residentMegabytes } from "./cpu-use.ts";

const firstMac = "00:16:3e:10:00:01";

export const burstMacs = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => nextMac(firstMac, n));

/** SLAAC by radvd and leases by Kea, in one prefix. The router advertises by itself as seldom as routers do, and when it is asked. */
export const burstIpv6: Ipv6Description = {
  dhcp6: "kea",
  maxInterval: 600,
  dhcp6Options: { validSeconds: 3600, preferredSeconds: 1800, logPackets: false },
};

/** Static devices begin at the second 256 addresses of their LAN; so many have room in a /20. */
const lanFirst = "10.20.1.0";
const roomIn20 = 4096 - 256 - 1;

/** A LAN and a WAN with room for `count` devices, all registered; IPv4 only unless told. */
export const burstNetwork = (
  dhcp: DhcpServerKind,
  count: number,
  ipv6?: Ipv6Description,
): LabDescription => ({
  lan: { subnet: `10.20.0.0/${count > roomIn20 ? 19 : 20}` },
  wan: {
    dhcp,
    subnet: "198.18.0.0/16",
    registered: burstMacs(count),
    dhcpOptions: { poolStart: "198.18.1.0", poolEnd: "198.18.40.255", leaseSeconds: 3600 },
    ...(ipv6 ? { ipv6 } : {}),
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
  /** From the same moment to the last lease of IPv4 in the server's own file. */
  readonly exchangedSeconds: number;
  /** To the last identity that carries its WAN IPv4 address. */
  readonly installedSeconds: number;
  /** The same for IPv6, where the network has it. */
  readonly ipv6: BurstFigures6 | undefined;
  /** To the moment when the forwards of all are open at their addresses. */
  readonly forwardsSeconds: number;
  /** Processes and threads that came into being meanwhile, in the whole laboratory. */
  readonly started: number;
  /** Resident memory of the daemon afterwards. */
  readonly rssMegabytes: number;
  /** Processor time of the daemon, user and system. */
  readonly cpuSeconds: number;
}

export interface BurstFigures6 {
  /** To the last identity whose address by SLAAC has come through duplicate address detection. */
  readonly slaacSeconds: number;
  /** To the last identity whose leased address has. */
  readonly leasedSeconds: number;
}

/** Either from our dnsmasq, or brought along, as of devices that run when the gateway is put before them. */
const lanAddressing = {
  dhcp: { kind: "dhcp" },
  static: { kind: "static", firstIp: lanFirst, router: "10.20.0.1" },
} as const;

/** Process ids of the sandbox are given out in order, so the last one tells how many there have been. */
const lastPid = async (): Promise<number> => Number(await readFile("/proc/sys/kernel/ns_last_pid", "utf8"));

/** The gateway must be running. Errors: OutOfTime. */
export async function burst(
  lab: Lab,
  count: number,
  limitSeconds = 120,
  addressing: "dhcp" | "static" = "dhcp",
): Promise<BurstFigures> {
  const simulator = await lab.addSimulator();
  const watch = await AddressWatch.start(lab, burstMacs(count));
  // What the watch itself changed in the kernel is looked into, and done with, before the burst.
  await sleep(4000);
  const pidBefore = await lastPid();
  const startedAt = performance.now();
  const since = (at: number): number => (at - startedAt) / 1000;
  await simulator.start({ count, firstMac, addressing: lanAddressing[addressing], hostName: "sim" });
  const exchanged = allLeased(lab.wan.dhcp, count, limitSeconds);
  const kinds = lab.wan.dhcp6 ? (["ipv4", "slaac", "leased"] as const) : (["ipv4"] as const);
  await lab.gateway.waitFor(
    `${count} devices have their addresses: ${kinds.join(", ")}`,
    () => kinds.every((kind) => watch.count(kind) >= count),
    { timeoutMs: limitSeconds * 1000, everyMs: 10, explain: () => watch.explain() },
  );
  const started = (await lastPid()) - pidBefore;
  await forwardsOpen(lab, count, limitSeconds);
  const forwardsSeconds = since(performance.now());
  await watch.stop();
  const { allBoundMs } = await simulator.stats();
  return {
    count,
    lanSeconds: allBoundMs === undefined ? undefined : allBoundMs / 1000,
    exchangedSeconds: since(await exchanged),
    installedSeconds: since(watch.lastAt("ipv4")),
    ipv6: lab.wan.dhcp6 && {
      slaacSeconds: since(watch.lastAt("slaac")),
      leasedSeconds: since(watch.lastAt("leased")),
    },
    forwardsSeconds,
    started,
    rssMegabytes: await residentMegabytes(lab.gateway.pid),
    cpuSeconds: (await cpuUse(lab)).daemon,
  };
}

/** By IPv4 each device has one address that leads to it, by IPv6 two. */
async function forwardsOpen(lab: Lab, count: number, limitSeconds: number): Promise<void> {
  const size = async (kind: "map" | "set", name: string): Promise<number> => {
    const argv = ["nft", "--json", "list", kind, "inet", "ipv4_ipv6_gateway", name];
    const { stdout } = await lab.gateway.namespace.run(argv, { mayFail: true });
    const listed = JSON.parse(stdout || "{}") as { readonly nftables?: readonly Listed[] };
    return listed.nftables?.flatMap((entry) => entry[kind]?.elem ?? []).length ?? 0;
  };
  const wanted6 = lab.wan.dhcp6 ? 2 * count : 0;
  await lab.gateway.waitFor(
    `forwards of ${count} devices`,
    async () => (await size("map", "device4")) >= count && (await size("set", "reach6")) >= wanted6,
    { timeoutMs: limitSeconds * 1000, everyMs: 100 },
  );
}

interface Listed {
  readonly map?: { readonly elem?: readonly unknown[] };
  readonly set?: { readonly elem?: readonly unknown[] };
}
