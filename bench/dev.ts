import { writeFile } from "node:fs/promises";
import { burst, burstConfig, burstIpv6, burstNetwork } from "../lab/suites/burst.ts";
import { createLab } from "../lab/topology.ts";
import { sleep } from "../lab/wait.ts";

const count = Number(process.argv[2] ?? 1000);
const six = process.argv[3] === "6";
const limit = Number(process.argv[4] ?? 60);
const linger = Number(process.argv[5] ?? 0);
const description = burstNetwork("kea", count, six ? burstIpv6 : undefined);
const lab = await createLab({ ...description, wan: { ...description.wan, sourceGuard: false } });
const level = process.env.DEV_LEVEL ?? "info";
await lab.gateway.configure({ ...burstConfig, log: { level } });
lab.gateway.start();
await lab.gateway.waitForOutput(/Gateway runs/);
try {
  const f = await burst(lab, count, limit, (process.env.ADDR ?? 'static') as 'static');
  console.log(JSON.stringify(f, undefined, 1));
} catch (e) {
  console.log(String(e).split("\n").slice(0, 3).join("\n"));
}
const { readdirSync, readFileSync } = await import("node:fs");
const rows: string[] = [];
for (const pid of readdirSync("/proc").filter((n) => /^\d+$/.test(n))) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const f = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const cmd = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").slice(0, 90);
    rows.push(`${((Number(f[11]) + Number(f[12])) / 100).toFixed(2).padStart(6)} u=${Number(f[11]) / 100} s=${Number(f[12]) / 100} ${cmd}`);
  } catch {}
}
console.log(rows.sort().reverse().slice(0, 14).join("\n"));
for (const [name, ns] of [
  ["gw", lab.gateway.namespace],
  ["wan", lab.wan.router],
] as const)
  console.log(name, (await ns.run(["ss", "-0", "-u", "-a", "-m", "-e", "-n"])).stdout.replaceAll(/ +/g, " "));
await sleep(linger * 1000);
await lab.gateway.stop();
await writeFile("/tmp/dev.log", lab.gateway.output.join("\n"));
await lab.dispose();
process.exit(0);
