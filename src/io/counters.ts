/** What the kernel counts on interfaces, from /proc/net/dev. */
import { readFile } from "node:fs/promises";

export interface InterfaceCounters {
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly sentBytes: number;
  readonly sentPackets: number;
}

/** By interface. */
export async function interfaceCounters(): Promise<ReadonlyMap<string, InterfaceCounters>> {
  return parseCounters(await readFile("/proc/net/dev", "utf8"));
}

/** Lines `name: bytes packets errs drop fifo frame compressed multicast`, and the first eight of the same for sending. */
export function parseCounters(table: string): ReadonlyMap<string, InterfaceCounters> {
  const counters = new Map<string, InterfaceCounters>();
  for (const line of table.split("\n")) {
    const [name, numbers] = line.split(":");
    if (name === undefined || numbers === undefined) continue;
    const [receivedBytes = 0, receivedPackets = 0, , , , , , , sentBytes = 0, sentPackets = 0] = numbers
      .trim()
      .split(/\s+/)
      .map(Number);
    counters.set(name.trim(), { receivedBytes, receivedPackets, sentBytes, sentPackets });
  }
  return counters;
}

/** How full the kernel's table of connections is; undefined while there is none. */
export async function conntrackTable(): Promise<{ entries: number; limit: number } | undefined> {
  const read = async (name: string): Promise<number> =>
    Number(await readFile(`/proc/sys/net/netfilter/nf_conntrack_${name}`, "utf8"));
  try {
    const [entries, limit] = await Promise.all([read("count"), read("max")]);
    return { entries, limit };
  } catch {
    return undefined;
  }
}
