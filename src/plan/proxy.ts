/**
 * What the IPv6 proxy is to do, whichever program does it: it answers on the devices' own IPv6 addresses and speaks to their LAN IPv4
 * addresses. TCP only.
 */
import type { Ip4 } from "../base/ip4.ts";
import type { Ip6 } from "../base/ip6.ts";
import type { Mac } from "../base/mac.ts";

/** A WAN port that is the same for all devices with automatic forwards. */
export interface AutoPort {
  /** On the WAN side. */
  readonly port: number;
  /** Port of the device: the first candidate. */
  readonly target: number;
  /** Where the proxy listens for it on ::1. */
  readonly listener: number;
}

/** A way in that only one device has; beats the automatic one of the same port. */
export interface ProxyException {
  readonly port: number;
  readonly target: number;
}

export interface ProxyDevice {
  readonly mac: Mac;
  readonly lanIp: Ip4;
  /** Whether the automatic ports hold for it. */
  readonly auto: boolean;
  /** Its own addresses on the WAN, on which it is reached. */
  readonly addresses6: readonly Ip6[];
  readonly exceptions: readonly ProxyException[];
  /** Port for the health check: one known to be open, else the first candidate; without one nothing is checked. */
  readonly check?: number;
}

export interface StatsPage {
  readonly address: Ip4;
  readonly port: number;
  /** Path, e.g. `/stats`. */
  readonly uri: string;
}

export interface ProxyDesired {
  /** The first one's target is where a device's health is looked for unless `check` says better. */
  readonly ports: readonly AutoPort[];
  /** Port of ::1 to which the exceptions of all devices are led. */
  readonly exceptionsListener: number;
  readonly devices: readonly ProxyDevice[];
  readonly stats?: StatsPage;
  /** Whether devices hear of the client by the PROXY protocol. */
  readonly sendProxy: boolean;
}

/** What a health check says of a device's port. `unknown`: none has ended yet, or nobody checks. */
export type CheckState = "up" | "down" | "unknown";

/** Connections over one WAN port of all devices. */
export interface PortUse {
  /** `others`: all ports that only single devices have. */
  readonly port: number | "others";
  /** Now. */
  readonly sessions: number;
  /** Since the proxy started, as the bytes. */
  readonly total: number;
  /** From the clients. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

export interface ProxyUse {
  readonly ports: readonly PortUse[];
  readonly checks: ReadonlyMap<Mac, CheckState>;
}

/** Devices that are different now; undefined: not there any more. */
export type ProxyChanges = ReadonlyMap<Mac, ProxyDevice | undefined>;

/** Above the kernel's range for outgoing connections (32768 to 60999), so none of those holds a listener's port. */
export const exceptionsListener = 61440;

/** WAN port -> port of ::1 where the proxy listens for it; the ruleset and the proxy agree by this function. */
export function listenerPorts(ports: readonly { readonly port: number }[]): ReadonlyMap<number, number> {
  const sorted = [...new Set(ports.map(({ port }) => port))].sort((a, b) => a - b);
  return new Map(sorted.map((port, i) => [port, exceptionsListener + 1 + i]));
}

/** Gives each port its listener, in the order given; of several entries for one port the first counts. */
export function autoPorts(forwards: readonly Omit<AutoPort, "listener">[]): readonly AutoPort[] {
  const listeners = listenerPorts(forwards);
  const targets = new Map<number, number>();
  for (const { port, target } of forwards) if (!targets.has(port)) targets.set(port, target);
  return [...targets].map(([port, target]) => ({ port, target, listener: listeners.get(port) ?? 0 }));
}
