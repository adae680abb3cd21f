/** Onboarding of a burst: ours, the peers and the limits in the same run. Run it as bench/onboard. */
import { parseArgs } from "node:util";
import type { Ipv6Description } from "../lab/description6.ts";
import { type BurstFigures, burst, burstConfig, burstIpv6, burstNetwork } from "../lab/suites/burst.ts";
import {
  bareExchange,
  bareOutstanding,
  perfdhcp4,
  perfdhcp4Paced,
  perfdhcp6,
  perfdhcpRate,
} from "../lab/suites/burst-limits.ts";
import {
  cniAtOnce,
  cniDhcp,
  cniInstalled,
  serial,
  serialDevices,
  udhcpc,
} from "../lab/suites/burst-peers.ts";
import { createLab, type Lab } from "../lab/topology.ts";
import { OutOfTime } from "../lab/wait.ts";
import { median } from "./lib/figures.ts";
import { publish, type Table } from "./lib/report.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "300" },
    runs: { type: "string", default: "3" },
    limit: { type: "string", default: "120" },
    only: { type: "string" },
    json: { type: "string" },
  },
});
const counts = values.count.split(",").map(Number);
const runs = Number(values.runs);
const limitSeconds = Number(values.limit);
const only = values.only?.split(",");

type Task<T> = (lab: Lab, count: number, limitSeconds: number) => Promise<T>;

interface Peer {
  readonly what: string;
  readonly run: Task<number>;
}

/** On the IPv4-only network. */
const peers4: Readonly<Record<string, Peer>> = {
  cniInstalled: {
    what: `CNI: macvlan and dhcp plugins, ${cniAtOnce} at a time: lease, interface and address installed`,
    run: cniInstalled,
  },
  cni: { what: "CNI dhcp daemon, on macvlans that are there: lease only", run: cniDhcp },
  udhcpc: { what: "one busybox udhcpc a macvlan that is there: lease only", run: udhcpc },
  perfdhcp: {
    what: "perfdhcp, as fast as it goes by itself: exchange only, nothing installed",
    run: perfdhcp4,
  },
  perfdhcpPaced: {
    what: `perfdhcp at ${perfdhcpRate[4]} a second, found by trying: exchange only`,
    run: perfdhcp4Paced,
  },
  bare: { what: `bare loop, ${bareOutstanding} exchanges at a time: nothing installed`, run: bareExchange },
};
const peers6: Readonly<Record<string, Peer>> = {
  perfdhcp6: { what: `perfdhcp -6 at ${perfdhcpRate[6]} a second: exchange only`, run: perfdhcp6 },
};
const wanted = (name: string): boolean => only === undefined || only.includes(name);

/** A network of its own for each measurement, with the same servers. Undefined: it was not done within the limit. */
async function inLab<T>(count: number, task: Task<T>, ipv6?: Ipv6Description): Promise<T | undefined> {
  const description = burstNetwork("kea", count, ipv6);
  const lab = await createLab({ ...description, wan: { ...description.wan, sourceGuard: false } });
  try {
    return await task(lab, count, limitSeconds);
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error;
    process.stderr.write(`${error.message.split("\n")[0]}\n`);
    return undefined;
  } finally {
    await lab.dispose();
  }
}

const oursWith =
  (addressing: "dhcp" | "static"): Task<BurstFigures> =>
  async (lab, count, limit) => {
    await lab.gateway.configure(burstConfig);
    lab.gateway.start();
    await lab.gateway.waitForOutput(/Gateway runs/);
    return burst(lab, count, limit, addressing);
  };

/** Of each run, undefined where it was not done in time. */
interface Figures {
  readonly count: number;
  readonly ours: (BurstFigures | undefined)[];
  readonly oursDualStack: (BurstFigures | undefined)[];
  /** Dual-stack, and the devices ask our own dnsmasq for their LAN addresses meanwhile. */
  readonly oursLanDhcp: (BurstFigures | undefined)[];
  readonly peers: Record<string, (number | undefined)[]>;
}

async function measure(figures: Figures): Promise<void> {
  const { count } = figures;
  if (wanted("ours")) {
    figures.ours.push(await inLab(count, oursWith("static")));
    figures.oursDualStack.push(await inLab(count, oursWith("static"), burstIpv6));
    figures.oursLanDhcp.push(await inLab(count, oursWith("dhcp"), burstIpv6));
  }
  for (const [peers, ipv6] of [[peers4], [peers6, burstIpv6]] as const)
    for (const [name, { run }] of Object.entries(peers))
      if (wanted(name)) figures.peers[name]?.push(await inLab(count, run, ipv6));
}

const noFigures = (count: number): Figures => ({
  ...{ count, ours: [], oursDualStack: [], oursLanDhcp: [] },
  peers: Object.fromEntries([...Object.keys(peers4), ...Object.keys(peers6)].map((name) => [name, []])),
});

const all: Figures[] = [];
for (const count of counts) {
  const figures = noFigures(count);
  all.push(figures);
  for (let run = 1; run <= runs; run++) {
    process.stderr.write(`${count} devices, run ${run} of ${runs}\n`);
    await measure(figures);
  }
}
/** Seconds for one device. */
const serialSeconds = wanted("serial") ? await inLab(serialDevices, serial) : undefined;

/** What was not done in time is longer than anything. */
const middle = (seconds: readonly (number | undefined)[]): number =>
  median(seconds.map((figure) => figure ?? Number.POSITIVE_INFINITY));
const of = (runsOf: Figures["ours"], pick: (f: BurstFigures) => number | undefined): number =>
  middle(runsOf.map((figures) => figures && pick(figures)));

const text = (figure: number, digits = 2): string => {
  if (Number.isNaN(figure)) return "";
  return Number.isFinite(figure) ? figure.toFixed(digits) : `not within ${limitSeconds} s`;
};
const against = (figure: number, to: number): string => {
  const ratio = figure / to;
  return Number.isFinite(ratio) ? `${ratio.toFixed(2)}x` : "";
};

type Pick = (figures: Figures) => number;
/** A row of one figure a count, and beside it how many times ours that is. */
const row = (what: string, pick: Pick, ours?: Pick): readonly string[] => [
  what,
  ...all.flatMap((figures) => [text(pick(figures)), ours ? against(pick(figures), ours(figures)) : ""]),
];
const heading = (what: string): readonly string[] => [
  what,
  ...counts.flatMap((n) => [`N = ${n}: s`, "TO OURS"]),
];
const peerRows = (peers: Readonly<Record<string, Peer>>, to: Pick): Table =>
  Object.entries(peers).map(([name, { what }]) => row(what, ({ peers: p }) => middle(p[name] ?? []), to));

const installed: Pick = (figures) => of(figures.ours, (f) => f.installedSeconds);
const dual =
  (pick: (f: BurstFigures) => number | undefined): Pick =>
  (figures) =>
    of(figures.oursDualStack, pick);
const leased6 = dual((f) => f.ipv6?.leasedSeconds);

const ipv4Table: Table = [
  heading("IPv4-ONLY NETWORK"),
  row("gateway: leases exchanged, by the server's own file", (figures) =>
    of(figures.ours, (f) => f.exchangedSeconds),
  ),
  row("gateway: lease, identity, routes and NAT installed", installed),
  row("gateway: forwards open", (figures) => of(figures.ours, (f) => f.forwardsSeconds)),
  ...peerRows(peers4, installed),
  row(
    `model of the original, one after the other (from ${serialDevices} devices)`,
    ({ count }) => (serialSeconds ?? Number.NaN) * count,
    installed,
  ),
];
const dualTable: Table = [
  heading("DUAL-STACK NETWORK, ALL THREE AT ONCE"),
  row(
    "gateway: IPv4 lease, identity, routes and NAT installed",
    dual((f) => f.installedSeconds),
  ),
  row(
    "gateway: address by SLAAC, through DAD",
    dual((f) => f.ipv6?.slaacSeconds),
  ),
  row("gateway: DHCPv6 lease installed, through DAD", leased6),
  row(
    "gateway: forwards open, all done",
    dual((f) => f.forwardsSeconds),
  ),
  row("the same, where the devices ask our dnsmasq for LAN addresses meanwhile", (figures) =>
    of(figures.oursLanDhcp, (f) => f.forwardsSeconds),
  ),
  ...peerRows(peers6, leased6),
];
const about = (
  what: string,
  digits: number,
  pick: (f: BurstFigures) => number | undefined,
): readonly string[] => [
  what,
  ...all.flatMap((figures) => [
    text(of(figures.ours, pick), digits),
    text(of(figures.oursDualStack, pick), digits),
  ]),
];
const aboutTable: Table = [
  ["THE GATEWAY", ...counts.flatMap((n) => [`N = ${n}: IPv4-ONLY`, "DUAL-STACK"])],
  about("all devices have their LAN address after, s", 2, (f) => f.lanSeconds),
  about("processes and threads started meanwhile", 0, (f) => f.started),
  about("daemon: resident memory, MB", 0, (f) => f.rssMegabytes),
  about("daemon: processor time, s", 2, (f) => f.cpuSeconds),
];

const report = {
  title: "Onboarding",
  about: [
    `N devices at once, Kea and radvd, medians of ${runs} runs; seconds from the LAN's first frame to the last device.`,
    "The devices bring their LAN addresses along, unless told. Servers, devices and whoever watches share the processors with the gateway.",
    "The peers' clock runs from the first request; unless told, their macvlans are there, and nothing of theirs is installed.",
  ],
  tables: [ipv4Table, dualTable, aboutTable],
};
await publish(report, { counts, runs, limitSeconds, figures: all, serialSeconds }, values.json);
process.exit(0);
