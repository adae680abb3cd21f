/** From what a running HAProxy has to what it should have, as commands for its runtime socket. */

import type { Ip6 } from "../base/ip6.ts";
import { serverOptions } from "./haproxy.ts";
import { backendName, haproxyFiles as files } from "./haproxy-names.ts";
import type { ObservedServer, ObservedTables } from "./haproxy-observed.ts";
import type { HaproxyServer, HaproxyTables } from "./haproxy-tables.ts";

/**
 * The next commands; none when all is as it should be. Each round needs a fresh observation: an address is led to a server only when that was seen to be
 * there, because HAProxy would choose any other for a name it does not know. A server with open connections is gone a round later.
 */
export function diffHaproxy(
  desired: HaproxyTables,
  observed: ObservedTables,
  sendProxy: boolean,
): readonly string[] {
  const kept = keptAddresses(desired, observed);
  const wanted = leadingAddresses(desired, observed);
  return [
    ...removeKeys(files.devices, kept, observed.devices),
    ...removeServers(desired, observed),
    ...addServers(desired, observed, sendProxy),
    ...changeServers(desired, observed),
    ...removeKeys(files.ports, desired.ports, observed.ports),
    ...putKeys(files.ports, desired.ports, observed.ports),
    ...putKeys(files.devices, wanted, kept),
  ];
}

/** What is there when all of these commands had success. */
export function afterDiff(desired: HaproxyTables, observed: ObservedTables): ObservedTables {
  const server = ([name, now]: readonly [string, HaproxyServer]) =>
    [name, { ...now, ready: true, checked: true, up: observed.servers.get(name)?.up ?? true }] as const;
  return {
    servers: new Map([...desired.servers].map(server)),
    devices: new Map([...keptAddresses(desired, observed), ...leadingAddresses(desired, observed)]),
    ports: new Map([...desired.ports].map(([key, port]) => [key, String(port)])),
  };
}

const keptAddresses = (desired: HaproxyTables, observed: ObservedTables): ReadonlyMap<string, string> =>
  new Map(
    [...observed.devices].filter(
      ([ip, name]) => desired.devices.get(ip as Ip6) === name && observed.servers.has(name),
    ),
  );

const leadingAddresses = (desired: HaproxyTables, observed: ObservedTables): ReadonlyMap<string, string> =>
  new Map([...desired.devices].filter(([, name]) => leads(desired, observed, name)));

/** Whether an address may be led to this server now. */
function leads(desired: HaproxyTables, observed: ObservedTables, name: string): boolean {
  const server = observed.servers.get(name);
  return server?.ready === true && server.address === desired.servers.get(name)?.address;
}

const path = (name: string): string => `${backendName}/${name}`;
type Keys = ReadonlyMap<string, string | number>;

const removeKeys = (map: string, kept: Keys, observed: Keys): readonly string[] =>
  [...observed.keys()].flatMap((key) => (kept.has(key) ? [] : [`del map ${map} ${key}`]));

const putKeys = (map: string, desired: Keys, observed: Keys): readonly string[] =>
  [...desired].flatMap(([key, value]) => {
    const now = observed.get(key);
    if (String(now) === String(value)) return [];
    return [`${now === undefined ? "add" : "set"} map ${map} ${key} ${value}`];
  });

const removeServers = (desired: HaproxyTables, observed: ObservedTables): readonly string[] =>
  [...observed.servers.keys()].flatMap((name) =>
    desired.servers.has(name)
      ? []
      : [
          `set server ${path(name)} state maint`,
          `shutdown sessions server ${path(name)}`,
          `del server ${path(name)}`,
        ],
  );

/** A new server is in maintenance and unchecked until told otherwise. */
const addServers = (
  desired: HaproxyTables,
  observed: ObservedTables,
  sendProxy: boolean,
): readonly string[] =>
  [...desired.servers].flatMap(([name, server]) =>
    observed.servers.has(name)
      ? []
      : [
          `add server ${path(name)} ${server.address} ${serverOptions(server, sendProxy)}`,
          `enable health ${path(name)}`,
          `set server ${path(name)} state ready`,
        ],
  );

const changeServers = (desired: HaproxyTables, observed: ObservedTables): readonly string[] =>
  [...observed.servers].flatMap(([name, now]) => {
    const server = desired.servers.get(name);
    return server === undefined ? [] : changes(name, server, now);
  });

const changes = (name: string, server: HaproxyServer, now: ObservedServer): readonly string[] => [
  ...(now.address === server.address ? [] : [`set server ${path(name)} addr ${server.address}`]),
  ...(now.check === server.check ? [] : [`set server ${path(name)} check-port ${server.check}`]),
  ...(now.checked ? [] : [`enable health ${path(name)}`]),
  ...(now.ready ? [] : [`set server ${path(name)} state ready`]),
];

/** Joins commands to lines that fit into HAProxy's buffer (16,384 octets unless tuned). */
export function commandLines(commands: readonly string[], longest = 15_000): readonly string[] {
  const lines: string[] = [];
  for (const command of commands) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + command.length <= longest)
      lines[lines.length - 1] = `${last};${command}`;
    else lines.push(command);
  }
  return lines;
}
