/** The static part of HAProxy's configuration for this machine: its limits, its users, and which ports are to be had. */
import type { HaproxySettings } from "../../plan/haproxy.ts";
import { haproxyConnections, mapsId, parseOpenFiles } from "../../plan/haproxy-limits.ts";
import type { ProxyDesired } from "../../plan/proxy.ts";
import type { Files } from "../../ports/files.ts";
import type { Listener } from "../../ports/processes.ts";

/** What the machine allows; the same for as long as we run. */
export type MachineSettings = Pick<HaproxySettings, "maxConnections" | "dropRights">;

/** User and group `nobody` wherever users are not mapped otherwise. */
const NOBODY = 65_534;

export async function readMachineSettings(files: Files, maxDevices: number): Promise<MachineSettings> {
  const read = async (name: string): Promise<string> => (await files.read(`/proc/self/${name}`)) ?? "";
  const maps = await Promise.all([read("uid_map"), read("gid_map")]);
  return {
    maxConnections: haproxyConnections(maxDevices, parseOpenFiles(await read("limits"))),
    dropRights: maps.every((map) => mapsId(map, NOBODY)),
  };
}

export const wantedSettings = (
  { ports, exceptionsListener, stats, sendProxy }: ProxyDesired,
  machine: MachineSettings,
  logConnections: boolean,
): HaproxySettings => ({ ...machine, ports, exceptionsListener, stats, sendProxy, logConnections });

export const portsOf = ({ ports, exceptionsListener, stats }: ProxyDesired): ReadonlySet<number> =>
  new Set([...ports.map(({ listener }) => listener), exceptionsListener, ...(stats ? [stats.port] : [])]);

/**
 * The settings without what others listen on, and a sentence for each that is missing, by port: one port that is taken must not keep HAProxy from the
 * others.
 */
export function withoutTaken(
  settings: HaproxySettings,
  others: readonly Listener[],
): { readonly settings: HaproxySettings; readonly missing: ReadonlyMap<string, string> } {
  const missing = new Map<string, string>();
  const free = (address: string, port: number, what: string): boolean => {
    const holder = others.find((other) => other.port === port && overlaps(other.address, address));
    if (holder) missing.set(`port ${port}`, sentence(holder, address, what));
    return holder === undefined;
  };
  const { ports, exceptionsListener, stats } = settings;
  const usable: HaproxySettings = {
    ...settings,
    ports: ports.filter(({ port, listener }) => free("::1", listener, `WAN port ${port} over IPv6`)),
    exceptionsListener:
      exceptionsListener !== undefined && free("::1", exceptionsListener, "single forwards over IPv6")
        ? exceptionsListener
        : undefined,
    stats: stats && free(stats.address, stats.port, "the statistics page of HAProxy") ? stats : undefined,
  };
  return { settings: usable, missing };
}

/** `::` is all addresses of both families unless its owner asked for IPv6 only, which cannot be seen. */
const overlaps = (taken: string, wanted: string): boolean =>
  taken === wanted || taken === "::" || (taken === "0.0.0.0" && !wanted.includes(":"));

function sentence({ address, port, pid, program }: Listener, wanted: string, what: string): string {
  const by = program === undefined ? "another program" : `${program} (process ${pid}, on ${address})`;
  return `Port ${port} of ${wanted} is taken by ${by}: ${what} does not work until it is free.`;
}
