/** Where a gateway keeps its files, and what stands in them without asking anybody else. Part of the composition root, and light: every command loads it. */
import { readFile } from "node:fs/promises";
import { parseWall, type WallTime } from "../base/time.ts";
import { loadConfig } from "../cli/config-load.ts";
import type { ConfigPlace } from "../cli/config-place.ts";
import type { Config } from "../config/schema.ts";

/** A daemon that runs, and since when. */
export interface Daemon {
  readonly pid: number;
  readonly since: WallTime | null;
}

/** The text of a file, or undefined when there is none; other troubles reject. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw thrown;
  }
}

/** The configuration; a note that the defaults are in force goes to standard error. */
export async function load(place: ConfigPlace): Promise<Config> {
  const { config, note } = await loadConfig(place, readText);
  if (note !== undefined) process.stderr.write(`${note}\n`);
  return config;
}

export const stateFile = ({ state }: Config): string => `${state.directory}/devices.json`;
export const pidFile = ({ state }: Config): string => `${state.runtime_directory}/gateway.pid`;

/** The daemon that the pid file names, if it is there and really is one. */
export async function findDaemon(config: Config): Promise<Daemon | undefined> {
  const [pidText = "", since = ""] = ((await readText(pidFile(config))) ?? "").trim().split(" ");
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const commandLine = await readText(`/proc/${pid}/cmdline`).catch(() => undefined);
  if (!commandLine?.split("\0").includes("run")) return undefined;
  return { pid, since: parseWall(since) ?? null };
}

export const apiSocket = ({ state }: Config): string => `${state.runtime_directory}/api.sock`;
