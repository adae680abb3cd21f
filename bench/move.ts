/** The cable is moved to another network with so many devices behind the gateway. Run it as bench/move. */
import { parseArgs } from "node:util";
import { burstIpv6, burstMacs, burstNetwork } from "../lab/suites/burst.ts";
import { move, moveDelay } from "../lab/suites/move.ts";
import { createLab } from "../lab/topology.ts";
import { OutOfTime } from "../lab/wait.ts";
import { publish } from "./lib/report.ts";

const { values } = parseArgs({
  options: {
    counts: { type: "string", default: "100,1000" },
    limit: { type: "string", default: "120" },
    json: { type: "string" },
  },
});
const counts = values.counts.split(",").map(Number);
const limitSeconds = Number(values.limit);

/** Seconds; undefined: not within the limit. */
async function measure(count: number): Promise<number | undefined> {
  const description = burstNetwork("kea", count, burstIpv6);
  const wan = { ...description.wan, sourceGuard: false };
  const lab = await createLab({ ...description, wan });
  try {
    const other = await lab.addWan({
      ...wan,
      name: "b",
      subnet: "198.19.0.0/16",
      dhcpOptions: { ...wan.dhcpOptions, poolStart: "198.19.1.0", poolEnd: "198.19.40.255" },
      registered: burstMacs(count),
      routerMac: "00:00:5e:00:53:fb",
    });
    const seconds = await move(lab, count, {
      from: { network: lab.wan, starts: ["198.18.", "2001:db8:a:"] },
      to: { network: other, starts: ["198.19.", "2001:db8:b:"] },
      limitSeconds,
    });
    await lab.gateway.stop();
    return seconds;
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error;
    process.stderr.write(`${error.message.split("\n")[0]}\n`);
    return undefined;
  } finally {
    await lab.dispose();
  }
}

const figures: { readonly count: number; readonly seconds: number | undefined }[] = [];
for (const count of counts) {
  process.stderr.write(`${count} devices\n`);
  figures.push({ count, seconds: await measure(count) });
}
const report = {
  title: "To another network",
  about: [
    "The cable is moved to another network: other servers, routers, prefixes. Seconds from the carrier there until every device has",
    `addresses of both families of that network, ${moveDelay} s of it (wan.change_delay) to let the network settle. Dual-stack, Kea and radvd.`,
  ],
  tables: [
    [
      ["DEVICES", "SECONDS"],
      ...figures.map(({ count, seconds }) => [
        String(count),
        seconds?.toFixed(1) ?? `not within ${limitSeconds} s`,
      ]),
    ],
  ],
};
await publish(report, { figures, limitSeconds, moveDelay }, values.json);
process.exit(0);
