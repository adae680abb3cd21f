/** Who waits for TCP connections, from /proc/net/tcp and /proc/net/tcp6, and whose sockets those are. */
import { readdir, readFile, readlink } from "node:fs/promises";
import { endianness } from "node:os";
import { ip4FromBytes } from "../base/ip4.ts";
import { ip6FromBytes } from "../base/ip6.ts";
import type { Listener } from "../ports/processes.ts";

interface Socket {
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

export async function listeners(ports?: ReadonlySet<number>): Promise<readonly Listener[]> {
  const tables = await Promise.all(["tcp", "tcp6"].map((name) => read(`/proc/net/${name}`)));
  const sockets = tables.flatMap(parseListening).filter(({ port }) => ports === undefined || ports.has(port));
  if (sockets.length === 0) return [];
  const owners = await findOwners(new Set(sockets.map(({ inode }) => inode)));
  return Promise.all(
    sockets.map(async ({ address, port, inode }) => {
      const pid = owners.get(inode);
      const program = pid === undefined ? undefined : (await read(`/proc/${pid}/comm`)).trim();
      return { address, port, pid, program };
    }),
  );
}

const LISTEN = "0A";

/** Lines `sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …`. */
export function parseListening(table: string): readonly Socket[] {
  const sockets: Socket[] = [];
  for (const line of table.split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    const [address = "", port = ""] = (fields[1] ?? "").split(":");
    if (fields[3] !== LISTEN) continue;
    sockets.push({ address: parseAddress(address), port: Number.parseInt(port, 16), inode: fields[9] ?? "" });
  }
  return sockets;
}

/** 32-bit words as the machine holds them. */
function parseAddress(hex: string): string {
  const bytes = Buffer.from(hex, "hex");
  if (endianness() === "LE") bytes.swap32();
  return bytes.length === 4 ? ip4FromBytes(bytes) : ip6FromBytes(bytes);
}

async function findOwners(inodes: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  const owners = new Map<string, number>();
  for (const name of await readdir("/proc")) {
    if (owners.size === inodes.size) break;
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    for (const inode of await socketsOf(pid)) if (inodes.has(inode)) owners.set(inode, pid);
  }
  return owners;
}

/** A process may end, or be another user's, while it is looked at. */
async function socketsOf(pid: number): Promise<readonly string[]> {
  const directory = `/proc/${pid}/fd`;
  const descriptors = await readdir(directory).catch(() => []);
  const links = await Promise.all(descriptors.map((fd) => readlink(`${directory}/${fd}`).catch(() => "")));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}

const read = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
