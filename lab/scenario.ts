import { cp, lstat, mkdir, rm, writeFile } from "node:fs/promises";
import { test } from "vitest";
import type { LabDescription } from "./description.ts";
import { guardDrops, ownMacFrames } from "./evidence.ts";
import { projectFile } from "./paths.ts";
import { createLab, type Lab, scenarioCapture } from "./topology.ts";

const resultsRoot = projectFile("lab-results/");

export interface ScenarioOptions {
  /** 180 s unless told. */
  readonly timeoutMs?: number;
  /** `silent` unless told: from start to stop, no switch may see a frame of the gateway's own WAN MAC. */
  readonly ownMac?: "silent" | "use";
  /** `none` unless told: source guard may not drop a frame of a registered MAC. */
  readonly guardDrops?: "none" | "allowed";
}

const fileName = (name: string): string => name.replace(/[^A-Za-z0-9]+/g, "-").slice(0, 100);

/**
 * A test on a laboratory of its own. Both sides of the gateway are captured from the start (the first 100,000 frames, 600 octets
 * of each). After the body the gateway is stopped in good order, and the switches are asked what they saw of it. When it fails, captures, logs, leases and the kernel's state go to lab-results/NAME; when it passes, nothing stays.
 */
export function scenario(
  name: string,
  description: LabDescription,
  body: (lab: Lab) => Promise<void>,
  options: ScenarioOptions = {},
): void {
  test(name, { timeout: options.timeoutMs ?? 180_000 }, async ({ onTestFinished, task }) => {
    const results = `${resultsRoot}${fileName(name)}`;
    await rm(results, { recursive: true, force: true });
    const lab = await createLab(description);
    (task.meta as { notes?: readonly string[] }).notes = lab.notes;
    // Also after a time-out, when the body never comes back.
    onTestFinished(async () => {
      try {
        if (task.result?.state === "fail") await keep(lab, results);
      } finally {
        await lab.dispose();
      }
    });
    await Promise.all([
      lab.capture("wan", "wan", [], scenarioCapture),
      lab.capture("lan", "lan", [], scenarioCapture),
    ]);
    await body(lab);
    await lab.gateway.stop();
    const complaints = [
      options.ownMac === "use" ? "" : await ownMacFrames(lab),
      options.guardDrops === "allowed" ? "" : await guardDrops(lab),
    ].filter((complaint) => complaint !== "");
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
  });
}

/** Copies what helps to understand a failure. */
async function keep(lab: Lab, results: string): Promise<void> {
  await mkdir(results, { recursive: true });
  const text = (value: unknown): string => JSON.stringify(value, undefined, 2);
  const parts: readonly (readonly [string, () => Promise<string> | string])[] = [
    ["gateway-output.log", () => lab.gateway.output.join("\n")],
    ["dhcp-server.log", () => lab.wan.dhcp?.log().join("\n") ?? ""],
    ["dhcp-leases.json", async () => text((await lab.wan.dhcp?.leases()) ?? [])],
    [
      "switch-ruleset.txt",
      async () => (await lab.wan.firewall.namespace.run(["nft", "list", "ruleset"])).stdout,
    ],
    ["gateway-kernel.json", async () => text(await lab.gateway.kernelState())],
    ["gateway-neighbours.txt", async () => (await lab.gateway.namespace.run(["ip", "neigh", "show"])).stdout],
    ["gateway-nft.txt", async () => (await lab.gateway.namespace.run(["nft", "list", "ruleset"])).stdout],
    ["router-arp.json", async () => text(await lab.wan.routerArp())],
    ["router-neighbours6.json", async () => text(await lab.wan.routerNeighbours6())],
    ["ra.log", () => lab.wan.routers.map(({ ra }) => ra?.log().join("\n") ?? "").join("\n\n")],
    ["dhcp6-server.log", () => lab.wan.dhcp6?.log().join("\n") ?? ""],
    ["dhcp6-leases.json", async () => text((await lab.wan.dhcp6?.leases()) ?? [])],
  ];
  for (const [file, read] of parts) {
    const content = await Promise.resolve()
      .then(read)
      .catch((error: unknown) => `could not be read: ${String(error)}`);
    await writeFile(`${results}/${file}`, `${content}\n`);
  }
  await Promise.allSettled([...lab.captures.values()].map((capture) => capture.stop()));
  // Captures, configurations, server files, the gateway's log and state; a socket would end the copying.
  const filter = async (path: string): Promise<boolean> => {
    const there = await lstat(path).catch(() => undefined);
    return there?.isFile() === true || there?.isDirectory() === true;
  };
  await cp(lab.directory, `${results}/files`, { recursive: true, force: true, filter }).catch(
    (error: unknown) => writeFile(`${results}/files-missing.txt`, `${String(error)}\n`),
  );
}
