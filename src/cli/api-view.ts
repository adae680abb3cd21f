/** What the API says, as the tables take it. */
import type { DeviceJson, StatusJson } from "../api/contract.ts";
import type { Mac } from "../base/mac.ts";
import { parseWall, type WallTime } from "../base/time.ts";
import { parseNetwork } from "../config/state-network.ts";
import type { DeviceRow, ShownStatus } from "./direct.ts";

export const wallOf = (text: string | null | undefined): WallTime | null =>
  typeof text === "string" ? (parseWall(text) ?? null) : null;

export const rowOf = (device: DeviceJson): DeviceRow => ({
  mac: device.mac_address as Mac,
  hostname: device.hostname,
  lan4: device.ipv4_address,
  wan4: device.ipv4_wan_address,
  wan6: device.ipv6_address?.split(",").map((a) => a.trim()) ?? [],
  status: device.status,
  reason: device.reason,
  discoveredAt: wallOf(device.discovered_at),
  lastSeen: wallOf(device.last_seen),
  notes: [],
});

export const statusOf = (status: StatusJson, configFile: string): ShownStatus => ({
  version: status.version,
  daemon: { pid: status.pid, since: wallOf(status.started_at) },
  configFile,
  lan: status.lan,
  wan: { ...status.wan, ownMac: status.wan.own_mac },
  network: parseNetwork(status.network),
  devices: Object.values(status.devices).map(rowOf),
  problems: status.problems,
});

/** Without what runs on by itself. */
export const essenceOf = (devices: readonly DeviceJson[]): unknown =>
  devices.map(({ last_seen: _, ...rest }) => rest);
