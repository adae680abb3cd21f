/** Which devices are shown, and in which order. */
import type { DeviceJson } from "../api/contract.ts";
import { once } from "./once.ts";

export type Status = DeviceJson["status"];
/** Those that need somebody first. */
export const statuses: readonly Status[] = ["failed", "pending", "discovering", "active", "inactive"];

export type SortKey = "mac" | "host" | "lan" | "wan4" | "wan6" | "status" | "seen";
export interface Sorting {
  readonly key: SortKey;
  readonly descending: boolean;
}

const collator = once(() => new Intl.Collator("en", { numeric: true }));
const text: Readonly<Record<SortKey, (d: DeviceJson) => string | null>> = {
  mac: (d) => d.mac_address,
  host: (d) => d.hostname?.toLowerCase() ?? null,
  lan: (d) => d.ipv4_address,
  wan4: (d) => d.ipv4_wan_address,
  wan6: (d) => d.ipv6_address,
  status: (d) => String(statuses.indexOf(d.status)),
  seen: (d) => d.last_seen,
};

/** Equal ones by MAC; those without come last either way. */
export function sortDevices(devices: readonly DeviceJson[], { key, descending }: Sorting): DeviceJson[] {
  const of = text[key];
  const sign = descending ? -1 : 1;
  const { compare } = collator();
  return devices
    .map((device) => ({ device, value: of(device) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) {
        const blank = Number(a.value === null) - Number(b.value === null);
        if (blank !== 0) return blank;
      } else {
        const order = sign * compare(a.value, b.value);
        if (order !== 0) return order;
      }
      return a.device.mac_address < b.device.mac_address ? -1 : 1;
    })
    .map(({ device }) => device);
}

const plainMac = (mac: string): string => mac.replace(/[:.-]/g, "");

/** Whether every word of the search is in it; MACs in any spelling. */
export function matches(device: DeviceJson, search: string): boolean {
  const { mac_address, hostname, ipv4_address, ipv4_wan_address, ipv6_address, reason } = device;
  const all = [mac_address, hostname, ipv4_address, ipv4_wan_address, ipv6_address, reason]
    .join("\n")
    .toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => {
      const mac = plainMac(word);
      return all.includes(word) || (/^[0-9a-f]{4,12}$/.test(mac) && plainMac(mac_address).includes(mac));
    });
}

export function countStatuses(devices: Iterable<DeviceJson>): Readonly<Record<Status, number>> {
  const counts = { pending: 0, discovering: 0, active: 0, inactive: 0, failed: 0 };
  for (const { status } of devices) counts[status]++;
  return counts;
}

/** The addresses of a device's `ipv6_address`. */
export const addresses6 = (d: Pick<DeviceJson, "ipv6_address">): readonly string[] =>
  (d.ipv6_address ?? "").split(",").filter(Boolean);
