/** What the gateway knows, in the shapes of the contract. */
import type { DeviceEntry } from "../app/devices/timeline.ts";
import type { Inspection } from "../app/inspection.ts";
import type { Prospect } from "../app/reconcile/reconciler.ts";
import type { Mac } from "../base/mac.ts";
import { between, formatWall, toSeconds, type WallTime } from "../base/time.ts";
import type { ManualForward } from "../config/forwards-file.ts";
import { encodeDevice, encodeSummary, type StoredDevice } from "../config/state-device.ts";
import { networkJson } from "../config/state-network.ts";
import { describeAction } from "../plan/describe.ts";
import { identityName } from "../plan/marks.ts";
import { portTroubles } from "../plan/port-state.ts";
import type { ProxyUse } from "../plan/proxy.ts";
import type {
  DeviceDetailJson,
  DeviceJson,
  ForwardJson,
  HealthJson,
  PlanJson,
  RecentEntryJson,
  StatusJson,
} from "./contract.ts";

/** Of the process that serves. */
export interface Vitals {
  readonly memoryMegabytes: number;
  readonly threads: number;
  readonly pid: number;
}

/** Of one interface, as the kernel counts. */
export interface Counters {
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly sentBytes: number;
  readonly sentPackets: number;
}

export const deviceJson = (d: StoredDevice): DeviceJson => encodeSummary(d);

export const devicesByMac = (devices: readonly StoredDevice[]): Record<string, DeviceJson> =>
  Object.fromEntries(devices.map((d) => [d.mac_address, deviceJson(d)]));

export function deviceDetailJson(
  inspection: Inspection,
  mac: Mac,
  counters: Counters | undefined,
  checks: ProxyUse["checks"] | undefined,
): DeviceDetailJson | undefined {
  const stored = inspection.device(mac);
  if (!stored) return undefined;
  const { lease4, lease6 } = encodeDevice(stored);
  return {
    ...deviceJson(stored),
    interface: identityName(mac),
    lease4: (lease4 ?? null) as DeviceDetailJson["lease4"],
    lease6: (lease6 ?? null) as DeviceDetailJson["lease6"],
    counters: counters
      ? {
          received_bytes: counters.receivedBytes,
          received_packets: counters.receivedPackets,
          sent_bytes: counters.sentBytes,
          sent_packets: counters.sentPackets,
        }
      : null,
    forwards: inspection.ways(mac).map((way) => ({
      ...way,
      addresses: [...way.addresses],
      open: way.open ?? null,
    })),
    inbound: inspection.openTo(mac).length > 0 ? "all" : "ports",
    inbound_from: [...inspection.openTo(mac)],
    proxy_check: checks?.get(mac) ?? null,
    timeline: inspection.timeline(mac).map((entry) => ({ ...entry, at: formatWall(entry.at) })),
  };
}

function statsOf(devices: readonly StoredDevice[]): HealthJson["device_stats"] {
  const stats = { total: devices.length, active: 0, inactive: 0, discovering: 0, pending: 0, failed: 0 };
  for (const { status } of devices) stats[status]++;
  return stats;
}

/** What is wrong with the gateway, a port included. */
export const problemsOf = ({ troubles, ports }: Inspection): string[] => [
  ...portTroubles(ports),
  ...troubles,
];

export function healthJson(inspection: Inspection, version: string, vitals: Vitals): HealthJson {
  const devices = inspection.devices();
  const { clock, ports } = inspection;
  const problems = problemsOf(inspection);
  const interfaceOf = (port: typeof ports.lan, description: string) => ({
    name: port.interface,
    up: port.state === "up",
    description: `${description}: ${port.state}`,
  });
  const last = Math.max(...devices.map((d) => d.discovered_at ?? Number.NEGATIVE_INFINITY));
  return {
    status: problems.length === 0 ? "ok" : "degraded",
    running: true,
    version,
    uptime_seconds: Math.round(toSeconds(between(inspection.startedAt, clock.now()))),
    memory_usage_mb: vitals.memoryMegabytes,
    thread_count: vitals.threads,
    last_discovery: Number.isFinite(last) ? formatWall(last as WallTime) : null,
    interfaces: {
      [ports.wan.interface]: interfaceOf(ports.wan, "WAN"),
      [ports.lan.interface]: interfaceOf(ports.lan, "LAN"),
    },
    device_stats: statsOf(devices),
    problems,
    timestamp: formatWall(clock.wall()),
  };
}

export function statusJson(inspection: Inspection, version: string, vitals: Vitals): StatusJson {
  const devices = inspection.devices();
  const { lan, wan } = inspection.ports;
  return {
    running: true,
    version,
    devices: devicesByMac(devices),
    device_count: devices.length,
    active_devices: statsOf(devices).active,
    eth0_up: wan.state === "up",
    eth1_up: lan.state === "up",
    lan: { ...lan, addresses: [...inspection.addresses(lan.interface)] },
    wan: {
      ...wan,
      addresses: [...inspection.addresses(wan.interface)],
      own_mac: inspection.config.wan.own_mac,
    },
    pid: vitals.pid,
    started_at: formatWall(inspection.startedAtWall),
    network: networkJson(inspection.network) as StatusJson["network"],
    problems: problemsOf(inspection),
    timestamp: formatWall(inspection.clock.wall()),
  };
}

export const recentJson = (inspection: Inspection, { mac, entry }: DeviceEntry): RecentEntryJson => ({
  ...entry,
  at: formatWall(entry.at),
  mac_address: mac,
  hostname: inspection.hostname(mac),
});

/** So many actions are listed at most. */
const mostActions = 2000;

export function planJson({ actions, busy }: Prospect, at: WallTime): PlanJson {
  const described = actions.map(describeAction);
  const counts = new Map<string, PlanJson["counts"][number]>();
  for (const { verb, kind } of described) {
    const known = counts.get(`${verb} ${kind}`) ?? { verb, kind, count: 0 };
    counts.set(`${verb} ${kind}`, { ...known, count: known.count + 1 });
  }
  return {
    checked_at: formatWall(at),
    busy,
    total: described.length,
    counts: [...counts.values()],
    actions: described.slice(0, mostActions).map((a) => ({ ...a, commands: [...a.commands] })),
  };
}

export const forwardsJson = (inspection: Inspection, checks: ProxyUse["checks"] | undefined): ForwardJson[] =>
  inspection.forwards.map((f) => holderJson(inspection, f, checks));

/** A forward, and who has its address now. */
export function holderJson(
  inspection: Inspection,
  forward: ManualForward,
  checks: ProxyUse["checks"] | undefined,
): ForwardJson {
  const mac = inspection.holder(forward.address);
  const device = mac && inspection.device(mac);
  return {
    ...forward,
    mac_address: mac ?? null,
    device_status: device?.status ?? null,
    open: (forward.protocol === "tcp" ? inspection.isOpen(forward) : undefined) ?? null,
    proxy_check: (mac && checks?.get(mac)) ?? null,
  };
}
