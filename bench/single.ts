/** One device at a time on an idle gateway: from its first frame on the LAN to the first in its name on the WAN. Run it as bench/single. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Capture } from "../lab/capture.ts";
import { burstConfig, burstMacs, burstNetwork } from "../lab/suites/burst.ts";
import { createLab, type Lab } from "../lab/topology.ts";
import { sleep } from "../lab/wait.ts";
import { publish } from "./lib/report.ts";

const { values } = parseArgs({
  options: {
    devices: { type: "string", default: "100" },
    json: { type: "string" },
  },
});
const devices = Number(values.devices);
const perSecond = 2;

/** The moment of the first frame that each MAC sent, in seconds since 1970. */
function firstOf(lines: readonly string[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const line of lines) {
    const [, at = "", mac = ""] = /^(\d+\.\d+) ([0-9a-f:]{17}) > /.exec(line) ?? [];
    if (!first.has(mac)) first.set(mac, Number(at));
  }
  return first;
}

/** Milliseconds of each device, in ascending order. */
async function measure(lab: Lab): Promise<readonly number[]> {
  const macs = burstMacs(devices);
  const { gateway } = lab;
  await gateway.configure(burstConfig);
  gateway.start();
  await gateway.waitForOutput(/Gateway runs/);
  await sleep(4000);
  const capture = (port: string): Promise<Capture> =>
    Capture.start(gateway.namespace, port, join(gateway.directory, `${port}.pcap`), [
      "arp or (udp and (port 67 or port 68))",
    ]);
  const captures = [await capture("eth1"), await capture("eth0")] as const;
  const simulator = await lab.addSimulator();
  await simulator.start({
    count: devices,
    firstMac: macs[0] ?? "",
    addressing: { kind: "static", firstIp: "10.20.1.0", router: "10.20.0.1" },
    perSecond,
  });
  await sleep(3000);
  for (const one of captures) await one.stop();
  const lan = firstOf(await captures[0].lines());
  const wan = firstOf(await captures[1].lines());
  return macs
    .map((mac) => ((wan.get(mac) ?? Number.POSITIVE_INFINITY) - (lan.get(mac) ?? Number.NaN)) * 1000)
    .sort((a, b) => a - b);
}

const lab = await createLab(burstNetwork("kea", devices));
const times = await measure(lab);
await lab.gateway.stop();
await lab.dispose();

const at = (share: number): string => (times[Math.ceil(share * times.length) - 1] ?? Number.NaN).toFixed(1);
const report = {
  title: "One device at a time",
  about: [
    `${devices} devices, ${perSecond} a second, on a gateway with nothing else to do: from the first frame of each on the LAN to its first DHCPDISCOVER on the WAN,`,
    "its interface and settings in between. Milliseconds, by the clock of the gateway's kernel.",
  ],
  tables: [
    [
      ["", "MEDIAN", "P90", "P99", "SLOWEST"],
      ["milliseconds", at(0.5), at(0.9), at(0.99), at(1)],
    ],
  ],
};
await publish(report, { devices, times }, values.json);
process.exit(0);
