/** What of HAProxy's state comes and goes with devices: servers of the backend and two maps. */
import type { Ip4 } from "../base/ip4.ts";
import type { Ip6 } from "../base/ip6.ts";
import { serverName } from "./haproxy-names.ts";
import type { ProxyDesired, ProxyDevice } from "./proxy.ts";

export interface HaproxyServer {
  readonly address: Ip4;
  /** Port of the health check. */
  readonly check: number;
}

export interface HaproxyTables {
  readonly servers: ReadonlyMap<string, HaproxyServer>;
  /** Address on the WAN -> server. */
  readonly devices: ReadonlyMap<Ip6, string>;
  /** `SERVER:WAN port` -> port of the device, where it is not the first candidate. */
  readonly ports: ReadonlyMap<string, number>;
}

export const noTables: HaproxyTables = { servers: new Map(), devices: new Map(), ports: new Map() };

/** A device without any way in is left out; of two devices with the same address the first has it. */
export function haproxyTables(desired: ProxyDesired): HaproxyTables {
  const servers = new Map<string, HaproxyServer>();
  const devices = new Map<Ip6, string>();
  const ports = new Map<string, number>();
  for (const device of desired.devices) {
    const check = checkPort(desired, device);
    if (check === undefined) continue;
    const name = serverName(device.mac);
    servers.set(name, { address: device.lanIp, check });
    for (const { port, target } of device.exceptions) ports.set(`${name}:${port}`, target);
    for (const address of device.addresses6) if (!devices.has(address)) devices.set(address, name);
  }
  return { servers, devices, ports };
}

function checkPort({ ports }: ProxyDesired, { check, auto, exceptions }: ProxyDevice): number | undefined {
  const [exception] = exceptions;
  const [first] = auto ? ports : [];
  return exception || first ? (check ?? exception?.target ?? first?.target) : undefined;
}

/** A file of lines `key value`, as HAProxy reads it at its start. */
export const renderMap = (map: ReadonlyMap<string, string | number>): string =>
  [...map].map(([key, value]) => `${key} ${value}\n`).join("");
