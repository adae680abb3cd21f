/** Onboarding of a burst: ours, a peer and the limit in the same run. Run it as bench/onboard. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { columns } from "../lab/demo/screen.ts";
import type { Ipv6Description } from "../lab/description6.ts";
import { type BurstFigures, burst, burstConfig, burstIpv6, burstNetwork } from "../lab/suites/burst.ts";
import { perfdhcp4, perfdhcp6, perfdhcp6Rate, udhcpc } from "../lab/suites/burst-peers.ts";
import { createLab, type Lab } from "../lab/topology.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "300" },
    runs: { type: "string", default: "3" },
    json: { type: "string" },
  },
});
const count = Number(values.count);
const runs = Number(values.runs);

/** A network of its own for each measurement, with the same servers. */
async function inLab<T>(task: (lab: Lab) => Promise<T>, ipv6?: Ipv6Description): Promise<T> {
  const description = burstNetwork("kea", count, ipv6);
  const lab = await createLab({ ...description, wan: { ...description.wan, sourceGuard: false } });
  try {
    return await task(lab);
  } finally {
    await lab.dispose();
  }
}

async function ours(lab: Lab): Promise<BurstFigures> {
  await lab.gateway.configure(burstConfig);
  lab.gateway.start();
  await lab.gateway.waitForOutput(/Gateway runs/);
  return burst(lab, count);
}

const figures = {
  ours: [] as BurstFigures[],
  ours_dual_stack: [] as BurstFigures[],
  udhcpc: [] as number[],
  perfdhcp: [] as number[],
  perfdhcp6: [] as number[],
};
for (let run = 1; run <= runs; run++) {
  process.stderr.write(`run ${run} of ${runs}\n`);
  figures.ours.push(await inLab(ours));
  figures.ours_dual_stack.push(await inLab(ours, burstIpv6));
  figures.udhcpc.push(await inLab((lab) => udhcpc(lab, count)));
  figures.perfdhcp.push(await inLab((lab) => perfdhcp4(lab, count)));
  figures.perfdhcp6.push(await inLab((lab) => perfdhcp6(lab, count), burstIpv6));
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
const of = (all: readonly BurstFigures[], pick: (f: BurstFigures) => number | undefined): number =>
  median(all.map((f) => pick(f) ?? Number.NaN));

const installed = of(figures.ours, (f) => f.installedSeconds);
const dual = (pick: (f: BurstFigures) => number | undefined): number => of(figures.ours_dual_stack, pick);
const leased6 = dual((f) => f.ipv6?.leasedSeconds);
const row = (what: string, seconds: number, against: number): readonly string[] => [
  what,
  seconds.toFixed(2),
  (seconds / against).toFixed(2),
];
const about = (what: string, unit: string, pick: (f: BurstFigures) => number | undefined) => [
  what,
  `${of(figures.ours, pick).toFixed(2)}${unit}`,
  `${dual(pick).toFixed(2)}${unit}`,
];

process.stdout.write(
  [
    `${count} devices at once, Kea and radvd, medians of ${runs} runs; seconds from the LAN's first\n`,
    "frame to the last device\n",
    columns([
      ["IPv4-ONLY NETWORK", "SECONDS", "AGAINST US"],
      row("gateway: lease, identity, routes and NAT installed", installed, installed),
      row(`${count} busybox udhcpc on macvlans: lease only`, median(figures.udhcpc), installed),
      row("perfdhcp: exchange only, nothing installed", median(figures.perfdhcp), installed),
    ]),
    "\n",
    columns([
      ["DUAL-STACK NETWORK, ALL THREE AT ONCE", "SECONDS", "AGAINST US"],
      [
        "gateway: IPv4 lease, identity, routes and NAT installed",
        dual((f) => f.installedSeconds).toFixed(2),
        "",
      ],
      ["gateway: address by SLAAC, through DAD", dual((f) => f.ipv6?.slaacSeconds).toFixed(2), ""],
      row("gateway: DHCPv6 lease installed, through DAD", leased6, leased6),
      row(`perfdhcp -6 at ${perfdhcp6Rate} a second: exchange only`, median(figures.perfdhcp6), leased6),
    ]),
    "\n",
    columns([
      ["", "IPv4-ONLY", "DUAL-STACK"],
      about("all devices have their LAN address after", " s", (f) => f.lanSeconds),
      about("processes and threads started meanwhile", "", (f) => f.started),
      about("daemon: resident memory", " MB", (f) => f.rssMegabytes),
      about("daemon: processor time", " s", (f) => f.cpuSeconds),
    ]),
  ].join(""),
);
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ count, runs, ...figures }, undefined, 2)}\n`);
process.exit(0);
