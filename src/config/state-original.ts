/**
 * Import of the original's state: `devices.json` as `{ mac: device }`, and the single `device.json` of its later versions.
 * What makes no sense is left out and told, so that one bad entry does not lose the others.
 */
import { type Ip4, isHostIp4, parseIp4 } from "../base/ip4.ts";
import { type Mac, parseMac } from "../base/mac.ts";
import { type Parsed, valid } from "../base/parsed.ts";
import { type WallTime, wallTime } from "../base/time.ts";
import { showValue } from "./quote.ts";
import { blankDevice, type DeviceStatus, type StoredDevice } from "./state-device.ts";
import type { ReadState } from "./state-file.ts";
import { isIp6, mac as macSchema, readIso } from "./state-values.ts";

type Fields = Readonly<Record<string, unknown>>;

const isTable = (value: unknown): value is Fields =>
  value !== null && typeof value === "object" && !Array.isArray(value);

const isSingle = (json: Fields): boolean => "mac_address" in json && ("lan_ipv4" in json || "status" in json);

/** Whether this is one of the original's two layouts; ours has a version. */
export function isOriginal(json: unknown): json is Fields {
  if (!isTable(json) || "version" in json) return false;
  return isSingle(json) || Object.entries(json).every(([key, value]) => parseMac(key).ok && isTable(value));
}

export function readOriginal(json: Fields): Parsed<ReadState> {
  const single = isSingle(json);
  const notes: string[] = [];
  const devices = new Map<Mac, StoredDevice>();
  const entries = single ? [["", json] as const] : Object.entries(json);
  for (const [key, fields] of entries) {
    const device = isTable(fields) ? readDevice(key, fields, notes) : undefined;
    if (device !== undefined) devices.set(device.mac_address, device);
  }
  const seen = [...devices.values()].map((d) => d.last_seen ?? 0);
  const writtenAt = wallTime(Math.max(0, ...seen));
  return valid({
    writtenAt,
    network: null,
    devices,
    notes,
    origin: single ? "original device.json" : "original devices.json",
  });
}

/** The original's words for a status; `configured` means it had its addresses. */
const statuses: Readonly<Record<string, DeviceStatus>> = {
  pending: "pending",
  discovering: "discovering",
  active: "active",
  inactive: "inactive",
  failed: "failed",
  error: "failed",
  unknown: "pending",
  configuring: "discovering",
  configured: "active",
};

function readDevice(key: string, fields: Fields, notes: string[]): StoredDevice | undefined {
  const named = macSchema.safeParse(fields.mac_address ?? key);
  if (!named.success) {
    notes.push(`${showValue(fields.mac_address ?? key)} is not the MAC address of a device; it is left out.`);
    return undefined;
  }
  const mac = named.data;
  const take = <T>(names: readonly string[], read: (text: string) => T | undefined): T | null => {
    const given = names
      .map((name) => fields[name])
      .find((value) => value !== undefined && value !== null && value !== "");
    if (given === undefined) return null;
    const value = typeof given === "string" ? read(given) : undefined;
    if (value === undefined)
      notes.push(`${mac}: ${names[0]} ${showValue(given)} makes no sense; it is left out.`);
    return value ?? null;
  };
  return {
    ...blankDevice(mac),
    ipv4_address: take(["ipv4_address", "lan_ipv4"], readHost),
    ipv4_wan_address: take(["ipv4_wan_address", "wan_ipv4"], readHost),
    ipv6_address: take(["ipv6_address", "wan_ipv6"], readIp6),
    status:
      take(["status"], (text) => (Object.hasOwn(statuses, text) ? statuses[text] : undefined)) ?? "pending",
    hostname: take(["hostname"], (text) => text),
    discovered_at: take<WallTime>(["discovered_at"], readIso),
    last_seen: take<WallTime>(["last_seen", "last_updated"], readIso),
  };
}

function readHost(text: string): Ip4 | undefined {
  const parsed = parseIp4(text);
  return parsed.ok && isHostIp4(parsed.value) ? parsed.value : undefined;
}

/** The original puts commas between several addresses, some with a prefix length. */
function readIp6(text: string): string | undefined {
  const parts = text.split(",").map((part) => part.trim().replace(/\/\d+$/, ""));
  return parts.every(isIp6) ? parts.join(",") : undefined;
}
