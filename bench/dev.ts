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
  const f = await burst(lab, count, limit);
  console.log(JSON.stringify(f, undefined, 1));
} catch (e) {
  console.log(String(e).split("\n").slice(0, 3).join("\n"));
}
await sleep(linger * 1000);
await lab.gateway.stop();
await writeFile("/tmp/dev.log", lab.gateway.output.join("\n"));
await lab.dispose();
process.exit(0);
