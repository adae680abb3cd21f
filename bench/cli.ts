/** How long commands take to start, beside Node.js doing nothing. Run it as bench/cli. */
import { parseArgs } from "node:util";
import { gatewayBundle } from "../lab/gateway.ts";
import { registered, startGateway } from "../lab/suites/network.ts";
import { quick6 } from "../lab/suites/network6.ts";
import { addServingDevice, waitForAddresses } from "../lab/suites/reach.ts";
import { createLab } from "../lab/topology.ts";
import { publish } from "./lib/report.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "20" },
    json: { type: "string" },
  },
});
const runs = Number(values.runs);

const lab = await createLab({ wan: { ipv6: {}, registered: registered(1) } });
await startGateway(lab, { ...quick6, api: { enabled: true } });
const device = await addServingDevice(lab, 1, { web: [80] });
await waitForAddresses(lab, device, { four: 1, six: 1 });

const command = (...args: readonly string[]) => [gatewayBundle, ...args, "--config", lab.gateway.configFile];
const programs: Readonly<Record<string, readonly string[]>> = {
  "node -e 0": ["-e", "0"],
  "gateway --version": [gatewayBundle, "--version"],
  "gateway --help": [gatewayBundle, "--help"],
  "gateway status": command("status"),
  "gateway status --direct": command("status", "--direct"),
  "gateway devices": command("devices"),
  "gateway device MAC": command("device", device.mac),
  "gateway plan": command("plan"),
  "gateway export": command("export"),
  "gateway config check": command("config", "check"),
  "gateway schema": command("schema"),
};

/** Milliseconds of each run, by program; one run of each after the other, so that all meet the same weather. */
const times = new Map<string, number[]>(Object.keys(programs).map((name) => [name, []]));
for (let run = 0; run <= runs; run++)
  for (const [name, args] of Object.entries(programs)) {
    const began = performance.now();
    await lab.gateway.namespace.run([process.execPath, ...args]);
    // The first of each fills the page cache.
    if (run > 0) times.get(name)?.push(performance.now() - began);
  }
await lab.gateway.stop();
await lab.dispose();

const median = (of: readonly number[] = []): number =>
  of.toSorted((a, b) => a - b)[of.length >> 1] ?? Number.NaN;
const bare = median(times.get("node -e 0"));
const report = {
  title: "Start of a command",
  about: [
    `Median of ${runs} runs each, with a gateway that serves one device: from the start of the process to its end, in milliseconds, and how much longer that is`,
    "than Node.js that does nothing.",
  ],
  tables: [
    [
      ["", "MILLISECONDS", "MORE THAN NODE"],
      ...[...times].map(([name, of]) => [name, median(of).toFixed(0), (median(of) - bare).toFixed(0)]),
    ],
  ],
};
await publish(report, { runs, times: Object.fromEntries(times) }, values.json);
process.exit(0);
