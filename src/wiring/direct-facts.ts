/** What the commands know of a gateway without asking it: configuration, files, kernel, processes. Part of the composition root. */
import packageJson from "../../package.json" with { type: "json" };
import { proxyMarkers } from "../app/proxy/proxies.ts";
import { observeForViews } from "../app/reconcile/observe.ts";
import { refusalsFile } from "../app/state/refusals.ts";
import { parseTroubles, troublesFile } from "../app/state/troubles.ts";
import { messageOf } from "../base/errors.ts";
import type { ConfigPlace } from "../cli/config-place.ts";
import type { DirectFacts } from "../cli/direct-view.ts";
import type { Config } from "../config/schema.ts";
import { isReadOnly } from "../io/files.ts";
import { systemKernel } from "../io/kernel/kernel.ts";
import { systemProcesses } from "../io/processes.ts";
import { findDaemon, load, readText, stateFile } from "./files-of.ts";

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
  const [observed, stateText, refusedText, daemon, proxies, troubles] = await Promise.all([
    observeForViews(systemKernel).catch(
      (thrown: unknown) => `The kernel cannot be read: ${messageOf(thrown)}.`,
    ),
    readText(stateFile(config)),
    readText(refusalsFile(config.state.runtime_directory)),
    findDaemon(config),
    findProxies(config),
    troublesOf(config.state.runtime_directory),
  ]);
  return {
    config,
    configFile: place.path,
    version: packageJson.version,
    stateFile: stateFile(config),
    stateText,
    refusedText,
    observed,
    daemon,
    proxies,
    troubles,
  };
}
