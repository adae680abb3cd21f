/** What many devices cost that are there and do nothing: memory, processor time, broadcasts, and renewals. Run it as bench/upkeep. */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { sendBroadcasts } from "../lab/suites/broadcasts.ts";
import { burst, burstConfig, burstIpv6, burstNetwork } from "../lab/suites/burst.ts";
import { cpuBetween, cpuUse, residentMegabytes } from "../lab/suites/cpu-use.ts";
import { createLab, type Lab } from "../lab/topology.ts";
import { sleep } from "../lab/wait.ts";
import { publish, type Table } from "./lib/report.ts";

const { values } = parseArgs({
  options: {
    devices: { type: "string", default: "1000" },
    idle: { type: "string", default: "120" },
    minutes: { type: "string", default: "5" },
    json: { type: "string" },
  },
});
const devices = Number(values.devices);
const idleSeconds = Number(values.idle);
const renewalMinutes = Number(values.minutes);
/** Long enough for a burst's last looks, and for the garbage of it. The first look at everything after a crowd comes within a minute, the next ones ten minutes apart: they are not in the figures. */
const settleMs = 90_000;
const broadcastSeconds = 15;
const broadcastsPerSecond = 1000;

/** Resident memory of the gateway's processes, MB, by program. */
async function memoryOf({ gateway }: Lab): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const pid of await gateway.namespace.pids()) {
    const name = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim();
    const called = pid === gateway.pid ? "daemon" : name;
    if (called === "" || (called === "node" && pid !== gateway.pid)) continue;
    sums[called] = (sums[called] ?? 0) + (await residentMegabytes(pid));
  }
  return sums;
}

/** MB. */
const slab = async (): Promise<number> =>
  Number(/^Slab:\s+(\d+)/m.exec(await readFile("/proc/meminfo", "utf8"))?.[1] ?? 0) / 1024;

/** Share of one processor that all of the machine used, in percent. */
async function machineLoad(seconds: number): Promise<number> {
  const busy = async (): Promise<number> => {
    const [, ...ticks] = ((await readFile("/proc/stat", "utf8")).split("\n")[0] ?? "").split(/\s+/);
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = ticks.map(Number);
    return user + nice + system + irq + softirq;
  };
  const before = await busy();
  await sleep(seconds * 1000);
  // A tick is a hundredth of a second.
  return ((await busy()) - before) / seconds;
}

interface Standing {
  readonly memory: Record<string, number>;
  readonly slabMegabytes: number;
  readonly idle: Record<"daemon" | "children" | "helpers", number>;
  readonly quiet: number;
  readonly underBroadcasts: number;
}

async function started(lab: Lab): Promise<void> {
  await lab.gateway.configure(burstConfig);
  lab.gateway.start();
  await lab.gateway.waitForOutput(/Gateway runs/);
  await burst(lab, devices, 180, "static");
}

async function standing(lab: Lab): Promise<Standing> {
  const slabBefore = await slab();
  await started(lab);
  await sleep(settleMs);
  const slabMegabytes = (await slab()) - slabBefore;
  const before = await cpuUse(lab);
  await sleep(idleSeconds * 1000);
  const used = cpuBetween(before, await cpuUse(lab));
  const share = (seconds: number): number => (Math.max(0, seconds) / idleSeconds) * 100;
  const idle = {
    daemon: share(used.daemon),
    children: share(used.children),
    helpers: share(used.helpers),
  };
  const memory = await memoryOf(lab);
  const quiet = await machineLoad(broadcastSeconds);
  const sender = await sendBroadcasts(lab, broadcastsPerSecond, broadcastSeconds + 6);
  await sleep(2000);
  const underBroadcasts = await machineLoad(broadcastSeconds);
  await sender.stop();
  return { memory, slabMegabytes, idle, quiet, underBroadcasts };
}

interface Renewals {
  readonly renewed: number;
  readonly expected: number;
  readonly lost: number;
  readonly daemon: number;
}

/** Leases of a minute, renewed twice in each. */
async function renewals(lab: Lab): Promise<Renewals> {
  await started(lab);
  const from = lab.gateway.output.length;
  const before = await cpuUse(lab);
  await sleep(renewalMinutes * 60_000);
  const { daemon } = cpuBetween(before, await cpuUse(lab));
  const said = lab.gateway.output.slice(from);
  const count = (pattern: RegExp): number => said.filter((line) => pattern.test(line)).length;
  return {
    renewed: count(/DHCPv4 renewed for/),
    expected: devices * renewalMinutes * 2,
    lost: count(/DHCPv4 (lost|failed|rebound) for|DHCPv4 lost/),
    daemon: (daemon / (renewalMinutes * 60)) * 100,
  };
}

async function inLab<T>(leaseSeconds: number, ipv6: boolean, task: (lab: Lab) => Promise<T>): Promise<T> {
  const description = burstNetwork("kea", devices, ipv6 ? burstIpv6 : undefined);
  const dhcpOptions = { ...description.wan?.dhcpOptions, leaseSeconds };
  const lab = await createLab({
    ...description,
    wan: { ...description.wan, dhcpOptions, sourceGuard: false },
  });
  try {
    return await task(lab);
  } finally {
    await lab.gateway.stop();
    await lab.dispose();
  }
}

process.stderr.write(`${devices} devices that do nothing\n`);
const still = await inLab(3600, true, standing);
process.stderr.write(`${devices} leases of 60 s\n`);
const renewing = renewalMinutes > 0 ? await inLab(60, false, renewals) : undefined;

const memoryTable: Table = [
  ["RESIDENT MEMORY", "MB"],
  ...Object.entries(still.memory).map(([name, mb]) => [name, mb.toFixed(0)]),
  ["kernel slab, of the whole machine", still.slabMegabytes.toFixed(0)],
];
const percent = (figure: number): string => figure.toFixed(2);
const loadTable: Table = [
  ["SHARE OF ONE PROCESSOR", "%"],
  ["daemon", percent(still.idle.daemon)],
  ["programs it ran", percent(still.idle.children)],
  ["programs that run beside it", percent(still.idle.helpers)],
  ["the whole machine", percent(still.quiet)],
  [
    `the whole machine, ${broadcastsPerSecond} ARP broadcasts a second for others`,
    percent(still.underBroadcasts),
  ],
];
const renewalTable: Table = renewing
  ? [
      ["LEASES OF 60 S", ""],
      [`renewed in ${renewalMinutes} minutes`, String(renewing.renewed)],
      ["that is, of two a minute and device", percent(renewing.renewed / renewing.expected)],
      ["lost, failed or rebound", String(renewing.lost)],
      ["daemon, % of a processor", percent(renewing.daemon)],
    ]
  : [];
const report = {
  title: "Devices that do nothing",
  about: [
    `${devices} active devices: dual-stack for memory and processor time, IPv4 only for the leases of 60 s. Measured over ${idleSeconds} s, ${settleMs / 1000} s after they came;`,
    "a look at everything, which takes one or two seconds of processor time in ten minutes, comes on top.",
  ],
  tables: [memoryTable, loadTable, ...(renewing ? [renewalTable] : [])],
};
await publish(report, { devices, idleSeconds, renewalMinutes, still, renewing }, values.json);
process.exit(0);
