/** What it costs when one device leaves and one comes, beside so and so many that stay. Run it as bench/change. */
import { parseArgs } from "node:util";
import { nextMac } from "../lab/simulator/protocol.ts";
import { AddressWatch } from "../lab/suites/address-watch.ts";
import { apiConfig, ask, socketOf } from "../lab/suites/api.ts";
import { burstConfig, burstIpv6, burstMacs, burstNetwork } from "../lab/suites/burst.ts";
import { type CpuUse, cpuBetween, cpuUse, residentMegabytes } from "../lab/suites/cpu-use.ts";
import { createLab, type Lab } from "../lab/topology.ts";
import { sleep } from "../lab/wait.ts";
import { median } from "./lib/figures.ts";
import { publish } from "./lib/report.ts";

const { values } = parseArgs({
  options: {
    counts: { type: "string", default: "100,1000" },
    changes: { type: "string", default: "20" },
    rounds: { type: "string", default: "1" },
    json: { type: "string" },
  },
});
const counts = values.counts.split(",").map(Number);
const changes = Number(values.changes);
const rounds = Number(values.rounds);

/** From one change to the next: each is alone. */
const spacingMs = 3_000;
const turnMs = changes * spacingMs + 10_000;
const config = { ...burstConfig, ...apiConfig };

interface Figures {
  readonly count: number;
  /** Seconds of processor time in a turn in which nothing happens. */
  readonly idle: CpuUse;
  /** The same for a turn in which `changes` devices leave and as many come. */
  readonly changing: CpuUse;
  readonly rssMegabytes: number;
}

async function turn(lab: Lab, happens: () => Promise<unknown>): Promise<CpuUse> {
  const before = await cpuUse(lab);
  await Promise.all([happens(), sleep(turnMs)]);
  return cpuBetween(before, await cpuUse(lab));
}

async function measure(lab: Lab, count: number): Promise<Figures> {
  const macs = burstMacs(count + changes * rounds);
  await lab.gateway.configure(config);
  lab.gateway.start();
  await lab.gateway.waitForOutput(/Gateway runs/);
  const watch = await AddressWatch.start(lab, macs);
  const comes = async (first: number, many: number, name: string) => {
    const simulator = await lab.addSimulator(name);
    await simulator.start({ count: many, firstMac: macs[first] ?? "", addressing: { kind: "dhcp" } });
    return simulator;
  };
  const simulator = await comes(0, count, "devices");
  const all = (n: number) =>
    lab.gateway.waitFor(
      `${n} devices have their addresses`,
      () => (["ipv4", "slaac", "leased"] as const).every((kind) => watch.count(kind) >= n),
      { timeoutMs: 180_000, explain: () => watch.explain() },
    );
  await all(count);
  await sleep(10_000);
  /** Number `i` of all leaves and is forgotten at once, and one comes for it. */
  const change = async (i: number): Promise<void> => {
    const leaves = nextMac(macs[0] ?? "", i);
    await simulator.ask({ command: "remove", macs: [leaves] });
    await ask(lab.gateway.namespace, {
      method: "DELETE",
      path: `/devices/${leaves}`,
      socketPath: socketOf(lab),
    });
    await comes(count + i, 1, `new${i}`);
  };
  const idle: CpuUse[] = [];
  const turns: CpuUse[] = [];
  for (let round = 0; round < rounds; round++) {
    idle.push(await turn(lab, async () => {}));
    const first = round * changes;
    const apart = Array.from({ length: changes }, (_, i) =>
      sleep(i * spacingMs).then(() => change(first + i)),
    );
    turns.push(await turn(lab, () => Promise.all([...apart, all(count + first + changes)])));
  }
  await watch.stop();
  return {
    count,
    idle: middle(idle),
    changing: middle(turns),
    rssMegabytes: await residentMegabytes(lab.gateway.pid),
  };
}

/** A whole pass now and then lies in one of them. */
const middle = (uses: readonly CpuUse[]): CpuUse => ({
  daemon: median(uses.map((use) => use.daemon)),
  children: median(uses.map((use) => use.children)),
  helpers: median(uses.map((use) => use.helpers)),
});

const figures: Figures[] = [];
for (const count of counts) {
  process.stderr.write(`${count} devices\n`);
  const description = burstNetwork("kea", count + changes * rounds, burstIpv6);
  const lab = await createLab({ ...description, wan: { ...description.wan, sourceGuard: false } });
  figures.push(await measure(lab, count));
  await lab.gateway.stop();
  await lab.dispose();
}

/** Of one change. */
const ms = (seconds: number): string => ((seconds * 1000) / changes).toFixed(0);
const report = {
  title: "One device leaves and one comes",
  about: [
    `Milliseconds of processor time of one change: ${changes} in ${turnMs / 1000} s, ${spacingMs / 1000} s apart, less the same time without any, divided by ${changes}; medians of ${rounds}.`,
    "IDLE %: of a processor, daemon and its children, while nothing happens.",
  ],
  tables: [
    [
      ["DEVICES", "DAEMON", "CHILDREN", "HELPERS", "IDLE %", "RSS MB"],
      ...figures.map(({ count, idle, changing, rssMegabytes }) => [
        String(count),
        ms(changing.daemon - idle.daemon),
        ms(changing.children - idle.children),
        ms(changing.helpers - idle.helpers),
        (((idle.daemon + idle.children) / (turnMs / 1000)) * 100).toFixed(1),
        rssMegabytes.toFixed(0),
      ]),
    ],
  ],
};
await publish(report, { changes, rounds, figures }, values.json);
process.exit(0);
