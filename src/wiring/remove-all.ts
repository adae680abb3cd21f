/** `gateway cleanup`: removes all that the gateway owns in the kernel. Part of the composition root. */
import { dnsmasqMarker } from "../app/lan/lan-service.ts";
import { proxyMarkers } from "../app/proxy/proxies.ts";
import { cleanup } from "../app/reconcile/cleanup.ts";
import { removeArpLimit } from "../app/uplink/arp-limit.ts";
import { removeBroadcastFilter } from "../app/uplink/broadcast-filter.ts";
import { removeJool } from "../app/xlat/jool.ts";
import { removeShortWays } from "../app/xlat/short-way-table.ts";
import { taygaMarker } from "../app/xlat/tayga.ts";
import { GatewayError } from "../base/errors.ts";
import { renderRemoval, renderRemovalJson } from "../cli/cleanup-view.ts";
import type { Told } from "../cli/commands/common.ts";
import type { ConfigPlace, Output } from "../cli/config-place.ts";
import { systemKernel } from "../io/kernel/kernel.ts";
import { systemProcesses } from "../io/processes.ts";
import { findDaemon, load } from "./files-of.ts";

export async function removeAll(place: ConfigPlace, { json, out, err }: Output & Told): Promise<0 | 1> {
  const config = await load(place);
  const daemon = await findDaemon(config);
  if (daemon) {
    const why = `the gateway runs (pid ${daemon.pid}) and would put everything back`;
    throw new GatewayError("still-running", "operator", why, "stop it first");
  }
  const { runtime_directory } = config.state;
  const markers = [
    dnsmasqMarker(runtime_directory),
    taygaMarker(runtime_directory),
    ...Object.values(proxyMarkers(runtime_directory)),
  ];
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
