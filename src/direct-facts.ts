/** What the commands know of a gateway without asking it: configuration, files, kernel, processes. Part of the composition root. */
import { readFile } from "node:fs/promises";
import packageJson from "../package.json" with { type: "json" };
import { proxyMarkers } from "./app/proxy/proxies.ts";
import { observe } from "./app/reconcile/observe.ts";
import { refusalsFile } from "./app/state/refusals.ts";
import { parseTroubles, troublesFile } from "./app/state/troubles.ts";
import { messageOf } from "./base/errors.ts";
import { parseWall } from "./base/time.ts";
import { type ConfigPlace, loadConfig } from "./cli/config-commands.ts";
import type { DirectFacts } from "./cli/direct-view.ts";
import type { Config } from "./config/schema.ts";
import { isReadOnly } from "./io/files.ts";
import { systemKernel } from "./io/kernel/kernel.ts";
import { systemProcesses } from "./io/processes.ts";

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
export async function findDaemon(config: Config): Promise<DirectFacts["daemon"]> {
  const [pidText = "", since = ""] = ((await readText(pidFile(config))) ?? "").trim().split(" ");
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const commandLine = await readText(`/proc/${pid}/cmdline`).catch(() => undefined);
  if (!commandLine?.split("\0").includes("run")) return undefined;
  return { pid, since: parseWall(since) ?? null };
}

async function findProxies({ state }: Config): Promise<DirectFacts["proxies"]> {
  const found = Object.entries(proxyMarkers(state.runtime_directory)).map(async ([program, marker]) => ({
    program,
    processes: (await systemProcesses.find(marker)).length,
  }));
  return (await Promise.all(found)).filter(({ processes }) => processes > 0);
}

/** What the daemon found wrong, and that it could not say so. */
async function troublesOf(directory: string): Promise<readonly string[]> {
  const told = parseTroubles(await readText(troublesFile(directory)));
  if (!(await isReadOnly(directory))) return told;
  return [...told, `${directory} is read-only: what else is wrong stands in the log alone.`];
}

export async function directFacts(place: ConfigPlace): Promise<DirectFacts> {
  const config = await load(place);
  const observed = await observe(systemKernel, []).catch(
    (thrown: unknown) => `The kernel cannot be read: ${messageOf(thrown)}.`,
  );
  return {
    config,
    configFile: place.path,
    version: packageJson.version,
    stateFile: stateFile(config),
    stateText: await readText(stateFile(config)),
    refusedText: await readText(refusalsFile(config.state.runtime_directory)),
    observed,
    daemon: await findDaemon(config),
    proxies: await findProxies(config),
    troubles: await troublesOf(config.state.runtime_directory),
  };
}
