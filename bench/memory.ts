/** Resident memory of the daemon with no device and with so many, of the bundle or of the build that LAB_GATEWAY names. Run it as bench/memory. */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { burst, burstConfig, burstIpv6, burstNetwork } from "../lab/suites/burst.ts";
import { residentMegabytes } from "../lab/suites/cpu-use.ts";
import { createLab, type Lab } from "../lab/topology.ts";
import { sleep } from "../lab/wait.ts";
import { publish } from "./lib/report.ts";

const { values } = parseArgs({
  options: { devices: { type: "string", default: "300" }, json: { type: "string" } },
});
const devices = Number(values.devices);
/** Long enough for the garbage of a start or a burst. */
const settleMs = 10_000;

/** The most that it ever had, MB. */
async function peakMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}

async function measure(lab: Lab): Promise<Readonly<Record<string, number>>> {
  await lab.gateway.configure(burstConfig);
  lab.gateway.start();
  await lab.gateway.waitForOutput(/Gateway runs/, { timeoutMs: 30_000 });
  await sleep(settleMs);
  const alone = await residentMegabytes(lab.gateway.pid);
  await burst(lab, devices, 180, "static");
  await sleep(settleMs);
  return {
    alone,
    full: await residentMegabytes(lab.gateway.pid),
    peak: await peakMegabytes(lab.gateway.pid),
  };
}

const description = burstNetwork("kea", devices, burstIpv6);
const lab = await createLab({ ...description, wan: { ...description.wan, sourceGuard: false } });
const figures = await measure(lab);
await lab.gateway.stop();
await lab.dispose();
const report = {
  title: "Resident memory of the daemon",
  about: [
    `No device, and ${devices} dual-stack ones; ${settleMs / 1000} s after each, and the most it ever had.`,
  ],
  tables: [
    [
      ["DEVICES", "MB"],
      ["0", (figures.alone ?? 0).toFixed(0)],
      [String(devices), (figures.full ?? 0).toFixed(0)],
      ["the most", (figures.peak ?? 0).toFixed(0)],
    ],
  ],
};
await publish(report, { devices, figures }, values.json);
process.exit(0);
