/** 464XLAT's speed: the gateway's translation and a bare tayga written by hand, between the same two hosts in the same run. Run it as bench/xlat464. */
import { parseArgs } from "node:util";
import { createXlatNet, type XlatPeer } from "../lab/suites/xlat-peers.ts";
import { measureXlat, type XlatFigures } from "../lab/suites/xlat-speed.ts";
import { median, medianRatio, rotated } from "./lib/figures.ts";
import { publish, type Table } from "./lib/report.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "3" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1" },
    json: { type: "string" },
  },
});
const [runs, rounds, seconds] = [values.runs, values.rounds, values.seconds].map(Number) as [
  number,
  number,
  number,
];

const peers: readonly XlatPeer[] = ["ours", "own", "bare", "shared"];
const figures: Record<XlatPeer, XlatFigures[]> = { ours: [], own: [], bare: [], shared: [] };

for (let run = 1; run <= runs; run++) {
  process.stderr.write(`run ${run} of ${runs}\n`);
  const net = await createXlatNet();
  // What is new to the kernel is made at the first packet.
  for (const peer of peers) await measureXlat(net, peer, 1);
  // Short turns, so that what else the machine has to do meets both alike.
  for (let round = 0; round < rounds; round++)
    for (const peer of rotated(peers, run + round)) figures[peer].push(await measureXlat(net, peer, seconds));
  await net.lab.dispose();
}

type Pick = (figures: XlatFigures) => number;
const names: Record<XlatPeer, string> = {
  ours: "gateway",
  own: "tayga under the device's MAC, by hand",
  bare: "tayga under the router's MAC, by hand",
  shared: "the same, all processors",
};
const ratio = (pick: Pick, peer: XlatPeer): number =>
  medianRatio(figures.ours.map(pick), figures[peer].map(pick));
const picks: readonly (readonly [Pick, number])[] = [
  [(f) => f.up, 2],
  [(f) => f.down, 2],
  [(f) => f.packets, 0],
];
const table: Table = [
  ["IPv4 BY 464XLAT", "TCP UP Gbit/s", "TCP DOWN Gbit/s", "UDP packets/s"],
  ...peers.map((peer) => [
    names[peer],
    ...picks.map(([pick, digits]) => median(figures[peer].map(pick)).toFixed(digits)),
  ]),
  ...peers
    .slice(1)
    .map((peer) => [
      `gateway / ${names[peer].replace(", by hand", "")}`,
      ...picks.map(([pick]) => ratio(pick, peer).toFixed(2)),
    ]),
];

const report = {
  title: "IPv4 over a network that has only IPv6",
  about: [
    `Medians of ${runs} runs of ${rounds} rounds of ${seconds} s; ratios are of the same round.`,
    "The gateway lets all processors go on with what tayga translated (receive packet steering); nobody writes that by hand at first, so it is shown with and without.",
    "TCP on four connections; datagrams of 18 octets from the device. One device, and no NAT64 behind: the far host has the translated address itself.",
  ],
  tables: [table],
};
await publish(
  report,
  {
    runs,
    rounds,
    seconds,
    ratios: picks.map(([pick]) => ratio(pick, "bare")),
    asDevice: picks.map(([pick]) => ratio(pick, "own")),
    figures,
  },
  values.json,
);
process.exit(0);
