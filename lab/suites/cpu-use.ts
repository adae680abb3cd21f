/** Processor time of the gateway: the daemon, what it started and waited for, and its long-lived helpers. */
import { readFile } from "node:fs/promises";
import type { Lab } from "../topology.ts";

/** Seconds, user and system. */
export interface CpuUse {
  /** The daemon's own. */
  readonly daemon: number;
  /** Of the processes that it has started and that have ended. */
  readonly children: number;
  /** Of those that run beside it: monitors, dnsmasq, the proxy. */
  readonly helpers: number;
}

/** Resident memory of a process, MB; 0 where it has ended. */
export async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}

const ticksPerSecond = 100;

async function fieldsOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 15)
    .map((ticks) => Number(ticks) / ticksPerSecond);
}

export async function cpuUse({ gateway }: Lab): Promise<CpuUse> {
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = await fieldsOf(gateway.pid);
  const others = (await gateway.namespace.pids()).filter((pid) => pid !== gateway.pid);
  const helpers = await Promise.all(others.map(fieldsOf));
  return {
    daemon: user + system,
    children: childUser + childSystem,
    helpers: helpers.reduce((sum, [u = 0, s = 0]) => sum + u + s, 0),
  };
}

export const cpuBetween = (before: CpuUse, after: CpuUse): CpuUse => ({
  daemon: after.daemon - before.daemon,
  children: after.children - before.children,
  helpers: after.helpers - before.helpers,
});
