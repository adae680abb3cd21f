/** Onboarding of a burst: ours, a peer and the limit in the same run. Run it as bench/onboard. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { columns } from "../lab/demo/screen.ts";
import { type BurstFigures, burst, burstConfig, burstMacs, burstNetwork } from "../lab/suites/burst.ts";
import { identityOf } from "../lab/suites/names.ts";
import { createLab, type Lab } from "../lab/topology.ts";
import { waitFor } from "../lab/wait.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "300" },
    runs: { type: "string", default: "3" },
    json: { type: "string" },
  },
});
const count = Number(values.count);
const runs = Number(values.runs);

async function inLab<T>(task: (lab: Lab) => Promise<T>): Promise<T> {
  const description = burstNetwork("kea", count);
  const lab = await createLab({ ...description, wan: { ...description.wan, sourceGuard: false } });
  try {
    return await task(lab);
  } finally {
    await lab.dispose();
  }
}

const ours = (): Promise<BurstFigures> =>
  inLab(async (lab) => {
    await lab.gateway.configure(burstConfig);
    lab.gateway.start();
    await lab.gateway.waitForOutput(/Gateway runs/);
    return burst(lab, count);
  });

/** One udhcpc a macvlan, all at once; seconds until the server's lease file has them all. */
const udhcpc = (): Promise<number> =>
  inLab(async (lab) => {
    const macs = burstMacs(count);
    await lab.gateway.namespace.sysctl({ "net.ipv6.conf.default.disable_ipv6": 1 });
    await lab.gateway.namespace.ip(
      macs.flatMap((mac) => [
        `link add ${identityOf(mac)} link eth0 address ${mac} type macvlan mode private`,
        `link set ${identityOf(mac)} up`,
      ]),
    );
    const startedAt = performance.now();
    for (const mac of macs) {
      lab.gateway.namespace.start([
        "busybox",
        "udhcpc",
        "-f",
        "-q",
        "-n",
        "-i",
        identityOf(mac),
        "-s",
        "/bin/true",
        "-t",
        "20",
        "-T",
        "1",
      ]);
    }
    await leased(lab);
    return (performance.now() - startedAt) / 1000;
  });

const leased = (lab: Lab): Promise<unknown> =>
  waitFor("all leases are granted", async () => ((await lab.wan.dhcp?.leases()) ?? []).length >= count, {
    timeoutMs: 120_000,
    everyMs: 20,
  });

/** perfdhcp's own rate: complete exchanges a second, one after the other, nothing installed. */
const perfdhcp = (): Promise<number> =>
  inLab(async (lab) => {
    await lab.gateway.namespace.ip(["addr add 198.18.0.9/16 dev eth0"]);
    await lab.wan.firewall.register("00:0c:01:02:03:04", "00:00:5e:00:53:f0");
    const argv = [
      "perfdhcp",
      "-4",
      "-l",
      "eth0",
      "-b",
      "mac=00:00:5e:00:53:f0",
      "-n",
      String(count),
      "-R",
      "1",
      "-W",
      "2000000",
    ];
    const { stdout, stderr, code } = await lab.gateway.namespace.run(argv, {
      mayFail: true,
      timeoutMs: 60_000,
    });
    const rate = /Rate: ([\d.]+) 4-way exchanges\/second/.exec(stdout)?.[1];
    if (rate === undefined) throw new Error(`perfdhcp ended with ${code}: ${stdout}${stderr}`);
    return count / Number(rate);
  });

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
const figure = (n: number): string => n.toFixed(2);

const figures: { ours: BurstFigures[]; udhcpc: number[]; perfdhcp: number[] } = {
  ours: [],
  udhcpc: [],
  perfdhcp: [],
};
for (let run = 1; run <= runs; run++) {
  process.stderr.write(`run ${run} of ${runs}\n`);
  figures.ours.push(await ours());
  figures.udhcpc.push(await udhcpc());
  figures.perfdhcp.push(await perfdhcp());
}
const installed = median(figures.ours.map((f) => f.installedSeconds));
const peer = median(figures.udhcpc);
const limit = median(figures.perfdhcp);
const of = (pick: (f: BurstFigures) => number | undefined): string =>
  figure(median(figures.ours.map((f) => pick(f) ?? Number.NaN)));
process.stdout.write(
  `${count} devices at once, Kea, medians of ${runs} runs; seconds from the LAN's first frame\n${columns([
    ["", "SECONDS", "AGAINST US"],
    ["gateway: lease, identity, routes and NAT installed", figure(installed), "1.00"],
    [`${count} busybox udhcpc on macvlans: lease only`, figure(peer), figure(peer / installed)],
    ["perfdhcp: exchange only, nothing installed", figure(limit), figure(limit / installed)],
  ])}\n${columns([
    ["all devices have their LAN address after", `${of((f) => f.lanSeconds)} s`],
    ["processes and threads started meanwhile", of((f) => f.started)],
    ["daemon: resident memory", `${of((f) => f.rssMegabytes)} MB`],
    ["daemon: processor time", `${of((f) => f.cpuSeconds)} s`],
  ])}`,
);
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ count, runs, ...figures }, undefined, 2)}\n`);
process.exit(0);
