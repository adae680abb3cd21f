/**
 * Ways in: which ports of a device's own WAN addresses lead to which port of the device. Automatic ones follow `forwards.ports`
 * and are the same for all devices; the rest are exceptions to them, one device each.
 */
import type { Ip4 } from "../base/ip4.ts";
import type { Ip6 } from "../base/ip6.ts";
import type { Mac } from "../base/mac.ts";
import type { ManualForward, Protocol } from "../config/forwards-file.ts";
import type { ProxyDevice, ProxyException } from "./proxy.ts";
import type { Element } from "./resource.ts";
import { innerOf } from "./translation.ts";

/** A port on the WAN side and the ports of the device that may serve it, best first. */
export interface AutoForward {
  readonly port: number;
  readonly targets: readonly number[];
}

/** A way in that only one device has. */
export interface Exception {
  readonly protocol: Protocol;
  readonly port: number;
  readonly target: number;
}

/** What of a device can be reached from outside, on each of its own WAN addresses. */
export interface ReachableDevice {
  readonly mac: Mac;
  readonly lanIp: Ip4;
  /** Whether the automatic forwards hold for it. */
  readonly auto: boolean;
  /** Beat the automatic ones. */
  readonly exceptions: readonly Exception[];
  /** Port for the proxy's health check. */
  readonly check?: number;
  /** Those of the WAN port too, where it stands for this device. */
  readonly addresses4: readonly Ip4[];
  readonly addresses6: readonly Ip6[];
  /** Absent: only the ports above lead to it. */
  readonly open?: OpenDevice;
}

/** Every port of the device's own addresses, and echoes, lead to it. */
export interface OpenDevice {
  /** Networks that may, none inside another, as `192.0.2.0/24` and `2001:db8::/32`; a single host without a length. */
  readonly from: readonly string[];
  /** Without those of the WAN port, which stay the machine's. */
  readonly addresses4: readonly Ip4[];
  readonly addresses6: readonly Ip6[];
}

/**
 * The ports that all devices have: the configured ones, and of each the first candidate as it is, because that is where a client looks
 * that knows the device.
 */
export function automaticForwards(configured: readonly AutoForward[]): AutoForward[] {
  const taken = new Set(configured.map(({ port }) => port));
  const natural = new Set(configured.flatMap(({ targets: [first] }) => first ?? []));
  return [
    ...configured,
    ...[...natural].filter((port) => !taken.has(port)).map((port) => ({ port, targets: [port] })),
  ].toSorted((a, b) => a.port - b.port);
}

/** Elements of maps and sets for all ways in; for the LAN the manual ones as well. */
export function planForwards(
  devices: readonly ReachableDevice[],
  manual: readonly ManualForward[],
): Element[] {
  const element = (set: Element["set"], key: string, value?: string): Element =>
    value === undefined ? { kind: "element", set, key } : { kind: "element", set, key, value };
  const whole = (ips: readonly string[], from: readonly string[], family: 4 | 6, to: string): Element[] =>
    ips.flatMap((ip) =>
      from.length === 0
        ? []
        : [
            element(`target${family}`, ip, to),
            ...from.map((net) => element(`open${family}`, `${ip} . ${net}`)),
          ],
    );
  const ofDevice = ({
    lanIp,
    auto,
    exceptions,
    addresses4,
    addresses6,
    open,
  }: ReachableDevice): Element[] => [
    ...addresses4.flatMap((ip) => [
      ...(auto ? [element("device4", ip, lanIp)] : []),
      ...exceptions.map((e) =>
        element("forward4", `${ip} . ${e.protocol} . ${e.port}`, `${lanIp} . ${e.target}`),
      ),
    ]),
    ...addresses6.flatMap((ip) => [
      ...(auto ? [element("reach6", ip)] : []),
      ...proxied(exceptions).map(({ port }) => element("forward6", `${ip} . ${port}`)),
    ]),
    ...(open ? whole(open.addresses4, open.from.filter(isIp4), 4, lanIp) : []),
    ...(open
      ? whole(
          open.addresses6,
          open.from.filter((net) => !isIp4(net)),
          6,
          innerOf(lanIp),
        )
      : []),
  ];
  return [
    ...devices.flatMap(ofDevice),
    ...manual.map((m) => element("lan4", `${m.protocol} . ${m.port}`, `${m.address} . ${m.target}`)),
  ];
}

const isIp4 = (net: string): boolean => !net.includes(":");

/** IPv6 goes by the proxy, which knows TCP alone. */
const proxied = (exceptions: readonly Exception[]): ProxyException[] =>
  exceptions.flatMap(({ protocol, port, target }) => (protocol === "tcp" ? [{ port, target }] : []));

/** The same for the proxy. */
export const proxyDevices = (devices: readonly ReachableDevice[]): ProxyDevice[] =>
  devices
    .filter(({ addresses6 }) => addresses6.length > 0)
    .map(({ mac, lanIp, auto, addresses6, exceptions, check }) => ({
      mac,
      lanIp,
      auto,
      addresses6,
      exceptions: proxied(exceptions),
      ...(check === undefined ? {} : { check }),
    }));
