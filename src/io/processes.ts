/** Adapter of ports/Processes: children found again by a mark on their command line, in /proc. */
import { closeSync, constants, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Processes, Supervised } from "../ports/processes.ts";
import { listeners } from "./listeners.ts";
import { Respawn } from "./respawn.ts";
import { run, toolPath } from "./run.ts";

const GRACE_MS = 2_000;
const LOOK_EVERY_MS = 20;
const WATCH_EVERY_MS = 200;

export const systemProcesses: Processes = {
  async supervise({ command, args, marker, onLine, onExit, onSettled }) {
    if (marker !== undefined) await end(await find(marker));
    const child = new Respawn({
      command,
      args,
      onLine: onLine ?? (() => {}),
      ...(onExit ? { onExit } : {}),
      ...(onSettled ? { onSettled } : {}),
    });
    child.start();
    return supervised(child);
  },
  find,
  end,
  async run(command, args, directory) {
    const { code, stdout, stderr } = await run(command, args, "", directory);
    return { code, output: stdout + stderr };
  },
  watch,
  processorOf,
  listeners,
  async has(command) {
    for (const directory of toolPath().split(delimiter))
      if (await runs(join(directory, command))) return true;
    return false;
  },
};

const supervised = (child: Respawn): Supervised => ({
  get pid() {
    return child.pid;
  },
  reload: () => child.signal("SIGHUP"),
  stop: () => child.stop(),
  leave: () => child.leave(),
});

async function runs(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Processes with `marker` as one whole argument, in our own process and network namespaces only: another gateway on this machine,
 * in a container, may use the same paths.
 */
async function find(marker: string): Promise<readonly number[]> {
  const here = namespaces("self");
  const pids = readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid);
  const marked = await Promise.all(pids.map(async (pid) => (await argumentsOf(pid)).includes(marker)));
  return pids.filter((pid, n) => marked[n] && namespaces(String(pid)) === here);
}

/** By way of other threads: who asks for the memory of a process that the kernel holds on to waits with it. */
async function argumentsOf(pid: number): Promise<readonly string[]> {
  const text = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return text.split("\0");
}

function namespaces(pid: string): string | undefined {
  try {
    return ["pid", "net"].map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`)).join(" ");
  } catch {
    return undefined;
  }
}

/** What tells a process from a later one with the same id: the clock ticks at its start; undefined when it is gone or a zombie. */
function birth(pid: number): string | undefined {
  return aliveOf(pid)?.[19];
}

function processorOf(pid: number): number | undefined {
  const processor = aliveOf(pid)?.[36];
  return processor === undefined ? undefined : Number(processor);
}

/** Of proc(5)'s `stat` what follows the command's name: the state, field 3, is the first; undefined when it is gone or a zombie. */
function aliveOf(pid: number): readonly string[] | undefined {
  // The name stands in brackets and may hold anything, brackets included.
  const fields = statOf(pid)
    ?.replace(/^.*\)\s/s, "")
    .split(" ");
  return fields === undefined || isOver(fields[0]) ? undefined : fields;
}

/** A zombie, or about to be none. */
const isOver = (state: string | undefined): boolean => state === "Z" || state === "X";

/** At once: the kernel makes it from what it has in memory, and by way of other threads it takes five times the processor time. */
function statOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * There is no other way to hear of the end of a process that is not our child. The file that stays open belongs to this process, and to no later one that has
 * its id; to open it at each look takes many times as long.
 */
function watch(pid: number, onGone: () => void): () => void {
  let stat = openStat(pid);
  const look = (): void => {
    if (stat !== undefined && isAlive(stat)) return;
    stop();
    onGone();
  };
  const timer = setInterval(look, stat === undefined ? 0 : WATCH_EVERY_MS);
  const stop = (): void => {
    clearInterval(timer);
    if (stat !== undefined) closeSync(stat);
    stat = undefined;
  };
  return stop;
}

function openStat(pid: number): number | undefined {
  try {
    return openSync(`/proc/${pid}/stat`, "r");
  } catch {
    return undefined;
  }
}

/** Room for the id and the command's name, which the state follows. */
const startOfStat = Buffer.alloc(128);

/** Of a process whose `stat` is open. */
function isAlive(stat: number): boolean {
  try {
    const text = startOfStat.toString("latin1", 0, readSync(stat, startOfStat, 0, startOfStat.length, 0));
    return !isOver(text[text.lastIndexOf(") ") + 2]);
  } catch {
    return false;
  }
}

async function end(pids: readonly number[]): Promise<void> {
  await Promise.all(pids.map(endOne));
}

async function endOne(pid: number): Promise<void> {
  const born = birth(pid);
  if (born === undefined) return;
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!kill(pid, signal)) return;
    for (let waited = 0; waited < GRACE_MS; waited += LOOK_EVERY_MS) {
      if (birth(pid) !== born) return;
      await sleep(LOOK_EVERY_MS);
    }
  }
}

function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
