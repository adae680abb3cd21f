/** What this machine is, in words without a date. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { arch, cpus, loadavg, release, totalmem } from "node:os";
import { promisify } from "node:util";
import type { Machine } from "./performance-page.ts";

const run = promisify(execFile);

export async function describeMachine(): Promise<Machine> {
  const programs = [
    ["HAProxy", ["haproxy", "-v"], /version (\d+\.\d+\.\d+)/],
    ["Kea", ["kea-dhcp4", "-v"], /^([\d.]+)/],
    ["nftables", ["nft", "--version"], /v([\d.]+)/],
    ["iproute2", ["ip", "-V"], /iproute2-([\d.]+)/],
    ["iperf3", ["iperf3", "--version"], /iperf ([\d.]+)/],
  ] as const;
  const versions = programs.map(
    async ([name, argv, pattern]) => [name, await versionOf(argv, pattern)] as const,
  );
  return {
    architecture: arch() === "x64" ? "x86_64" : arch(),
    processors: cpus().length,
    processorModel: cpus()[0]?.model.trim() ?? "unknown",
    memoryMegabytes: totalmem() / 2 ** 20,
    virtual: /\bhypervisor\b/.test(await readFile("/proc/cpuinfo", "utf8")),
    load: loadavg()[0] ?? Number.NaN,
    versions: [
      ["Linux", /^[\d.]+/.exec(release())?.[0] ?? release()],
      ["Node.js", process.versions.node],
      ...(await Promise.all(versions)),
    ],
  };
}

async function versionOf([command = "", ...args]: readonly string[], pattern: RegExp): Promise<string> {
  try {
    const { stdout, stderr } = await run(command, args);
    return pattern.exec(`${stdout}${stderr}`)?.[1] ?? "of unknown version";
  } catch {
    return "is missing";
  }
}
