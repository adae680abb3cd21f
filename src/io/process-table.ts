/** Who runs in our network namespace, from /proc. */
import { readdir, readFile, readlink } from "node:fs/promises";

export interface ProcessEntry {
  readonly pid: number;
  /** The kernel's name of it: at most 15 characters. */
  readonly program: string;
  readonly argv: readonly string[];
  /** By SIGSTOP or a debugger. */
  readonly isStopped: boolean;
}

/** Kernel threads and those of other namespaces are left out; one that ends meanwhile, too. */
export async function processTable(): Promise<readonly ProcessEntry[]> {
  const here = await namespaceOf("self");
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(names.map((name) => entryOf(name, here)));
  return entries.filter((entry) => entry !== undefined);
}

async function entryOf(name: string, here: string | undefined): Promise<ProcessEntry | undefined> {
  const [stat, cmdline, namespace] = await Promise.all([
    read(`/proc/${name}/stat`),
    read(`/proc/${name}/cmdline`),
    namespaceOf(name),
  ]);
  // Without the right to look, the namespace stays unknown.
  if (cmdline === "" || (namespace !== undefined && namespace !== here)) return undefined;
  const [, program = "", state = ""] = /^\d+ \((.*)\) (\S)/s.exec(stat) ?? [];
  const argv = cmdline.replace(/\0$/, "").split("\0");
  return { pid: Number(name), program, argv, isStopped: state === "T" || state === "t" };
}

const namespaceOf = (name: string): Promise<string | undefined> =>
  readlink(`/proc/${name}/ns/net`).catch(() => undefined);

const read = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");

/** Open file descriptors of a process, and how many it may have. Errors: the system's, as when it is another user's. */
export async function descriptorsOf(pid: number): Promise<{ readonly open: number; readonly limit: number }> {
  const [open, limits] = await Promise.all([
    readdir(`/proc/${pid}/fd`),
    readFile(`/proc/${pid}/limits`, "utf8"),
  ]);
  const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  return { open: open.length, limit };
}

/** UDP ports on which somebody waits, in our network namespace. */
export async function udpPorts(): Promise<ReadonlySet<number>> {
  const tables = await Promise.all([read("/proc/net/udp"), read("/proc/net/udp6")]);
  const ports = tables.flatMap((table) =>
    [...table.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /gm)].map(([, hex = ""]) =>
      Number.parseInt(hex, 16),
    ),
  );
  return new Set(ports);
}

/** Whether somebody listens on an abstract Unix socket of this name, without its leading zero. */
export const holdsAbstractSocket = async (name: string): Promise<boolean> =>
  (await read("/proc/net/unix")).split("\n").some((line) => line.endsWith(` @${name}`));
