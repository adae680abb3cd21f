/** `gateway cleanup`: removes all that the gateway owns in the kernel. Part of the composition root. */
import { dnsmasqMarker } from "../app/lan/lan-service.ts";
import { proxyMarkers } from "../app/proxy/proxies.ts";
import { cleanup } from "../app/reconcile/cleanup.ts";
import { removeArpLimit } from "../app/uplink/arp-limit.ts";
import { removeBroadcastFilter } from "../app/uplink/broadcast-filter.ts";
import { removeShortWays } from "../app/uplink/short-way-table.ts";
import { removeJool } from "../app/xlat/jool.ts";
import { taygaMarker } from "../app/xlat/tayga.ts";
import { GatewayError } from "../base/errors.ts";
import { renderRemoval, renderRemovalJson } from "../cli/cleanup-view.ts";
import type { Told } from "../cli/commands/common.ts";
import type { ConfigPlace, Output } from "../cli/config-place.ts";
import { type Config, defaultConfig } from "../config/schema.ts";
import { systemKernel } from "../io/kernel/kernel.ts";
import { systemProcesses } from "../io/processes.ts";
import { findDaemon, load } from "./files-of.ts";

/** The usual places of running programs: Linux, OpenWrt. */
const usualDirectories = ["/run/ipv4-ipv6-gateway", "/var/run/ipv4-ipv6-gateway"];

/**
 * Errors: GatewayError "still-running", and of the configuration what has to do with its file. A mistake in it keeps nobody from cleaning up: all in
 * the kernel carries our marks, and programs are looked for in the usual places.
 */
export async function removeAll(place: ConfigPlace, { json, out, err }: Output & Told): Promise<0 | 1> {
  const configs = await configsOf(place, err);
  for (const config of configs) await refuseBesideDaemon(config);
  const markers = configs.flatMap(({ state }) => [
    dnsmasqMarker(state.runtime_directory),
    taygaMarker(state.runtime_directory),
    ...Object.values(proxyMarkers(state.runtime_directory)),
  ]);
  const children = (await Promise.all(markers.map((marker) => systemProcesses.find(marker)))).flat();
  await systemProcesses.end(children);
  await removeJool(systemProcesses, "/");
  await removeArpLimit(systemKernel);
  await removeBroadcastFilter(systemKernel);
  await removeShortWays(systemKernel);
  const report = { ...(await cleanup(systemKernel)), children: children.length };
  out(json ? renderRemovalJson(report) : renderRemoval(report));
  for (const { message } of report.failures) err(`gateway: ${message}\n`);
  return report.failures.length === 0 ? 0 : 1;
}

async function configsOf(place: ConfigPlace, err: Output["err"]): Promise<readonly Config[]> {
  try {
    return [await load(place)];
  } catch (thrown) {
    if (!(thrown instanceof GatewayError) || thrown.code !== "config-invalid") throw thrown;
    err(
      `gateway: ${thrown.message}\nPrograms of the gateway are looked for in ${usualDirectories.join(", ")}.\n`,
    );
    const { state, ...others } = defaultConfig();
    return usualDirectories.map((runtime_directory) => ({
      ...others,
      state: { ...state, runtime_directory },
    }));
  }
}

async function refuseBesideDaemon(config: Config): Promise<void> {
  const daemon = await findDaemon(config);
  if (!daemon) return;
  const why = `the gateway runs (pid ${daemon.pid}) and would put everything back`;
  throw new GatewayError("still-running", "operator", why, "stop it first");
}
