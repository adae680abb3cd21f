/** The IPv6 proxy's speed: ours, one written by hand, socat and plain routing in the same run. Run it as bench/proxy. */
import { parseArgs } from "node:util";
import { ProxyLab } from "../lab/proxy-lab.ts";
import { openWay, type Peer, peers } from "../lab/suites/proxy-peers.ts";
import {
  likeRealPorts,
  measure,
  type SpeedFigures,
  serveFast,
  type WayIn,
} from "../lab/suites/proxy-speed.ts";
import { median, medianRatio, rotated } from "./lib/figures.ts";
import { publish, type Table } from "./lib/report.ts";

const { values } = parseArgs({
  options: {
    devices: { type: "string", default: "100" },
    runs: { type: "string", default: "5" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "1" },
    json: { type: "string" },
  },
});
const devices = Number(values.devices);
const runs = Number(values.runs);
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

interface Entry {
  readonly peer: Peer;
  readonly lab: ProxyLab;
  readonly way: WayIn;
}

/** A network of its own for each. */
async function enter(peer: Peer): Promise<Entry> {
  const lab = await ProxyLab.create(devices, { serving: false, name: peer });
  await likeRealPorts(lab);
  await serveFast(lab);
  return { peer, lab, way: await openWay(peer, lab, devices) };
}

const figures: Record<Peer, SpeedFigures[]> = { ours: [], minimal: [], socat: [], direct: [] };

/** Short turns, so that what else the machine has to do meets all alike. */
async function race(entries: readonly Entry[], run: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const peer of rotated(peers, run + round)) {
      const { lab, way } = entries.find((entry) => entry.peer === peer) as Entry;
      figures[peer].push(await measure(lab, way, seconds));
    }
  }
}

for (let run = 1; run <= runs; run++) {
  process.stderr.write(`run ${run} of ${runs}\n`);
  const entries: Entry[] = [];
  for (const peer of rotated(peers, run)) entries.push(await enter(peer));
  await race(entries, run);
  await Promise.all(entries.map(({ lab }) => lab.dispose()));
}

type Pick = (figures: SpeedFigures) => number;
const of = (peer: Peer, pick: Pick): number => median(figures[peer].map(pick));
const ratio = (peer: Peer, pick: Pick): number =>
  medianRatio(figures.ours.map(pick), figures[peer].map(pick));

const names: Record<Peer, string> = {
  ours: `gateway's HAProxy, ${devices} devices`,
  minimal: "HAProxy by hand, 1 device",
  socat: `gateway's socat, ${devices} devices`,
  direct: "no proxy, IPv4 routed: the limit",
};
const table = (title: string, unit: string, digits: number, speed: Pick, cpu: Pick): Table => [
  [title, unit, "OURS / IT", "CPU s"],
  ...peers.map((peer) => [
    names[peer],
    of(peer, speed).toFixed(digits),
    peer === "ours" ? "" : ratio(peer, speed).toFixed(2),
    peer === "direct" ? "" : of(peer, cpu).toFixed(3),
  ]),
];

const report = {
  title: "IPv6 clients of IPv4 devices",
  about: [
    `TCP, medians of ${runs} runs of ${rounds} rounds of ${seconds} s; ratios are of the same round.`,
    "CPU s: the proxy's processor seconds for a gigabyte, for 1000 connections.",
  ],
  tables: [
    table(
      "THROUGHPUT, 4 CONNECTIONS",
      "Gbit/s",
      2,
      (f) => f.gigabits,
      (f) => f.cpuPerGigabyte,
    ),
    table(
      "NEW CONNECTIONS, 64 AT A TIME",
      "a second",
      0,
      (f) => f.connections,
      (f) => f.cpuPerThousand,
    ),
  ],
};
await publish(report, { devices, runs, rounds, seconds, figures }, values.json);
process.exit(0);
