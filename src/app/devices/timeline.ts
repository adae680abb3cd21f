/** What happened to each device, the last of it: kept in memory for whoever asks why it is as it is. */
import type { Mac } from "../../base/mac.ts";
import type { WallTime } from "../../base/time.ts";
import type { Dhcp4Event } from "../../machine/dhcp4/interface.ts";
import type { Dhcp6Event } from "../../machine/dhcp6/interface.ts";
import { type Device, leaseOf, reachable6 } from "./device.ts";
import type { Registry } from "./registry.ts";
import { prefersIpv6 } from "./status.ts";

export type Family = "ipv4" | "ipv6";

/** What a DHCP client tells, and what only the gateway knows. */
export type TimelineKind =
  | Dhcp4Event["kind"]
  | Dhcp6Event["kind"]
  /** The kernel carries the addresses, and the network answers. */
  | "configured"
  /** A first frame on the LAN. */
  | "seen"
  | "refused"
  /** No frame of it on the LAN for a while, and then one. */
  | "inactive"
  | "active";

export interface TimelineEntry {
  readonly at: WallTime;
  readonly kind: TimelineKind;
  readonly family: Family | null;
  /** For a person; may be empty. */
  readonly detail: string;
  /** So many in a row that said the same; `at` is when the last of them was. */
  readonly count: number;
}

export interface DeviceEntry {
  readonly mac: Mac;
  readonly entry: TimelineEntry;
}

/** The latest of a device; a device that fails for years stays small. */
const most = 50;

export class Timeline {
  readonly #entries = new Map<Mac, TimelineEntry[]>();
  readonly #wall: () => WallTime;
  readonly #listeners: ((mac: Mac, entry: TimelineEntry) => void)[] = [];

  constructor(registry: Registry, wall: () => WallTime) {
    this.#wall = wall;
    registry.listen((now, was) => this.#changed(now, was));
  }

  /** Oldest first. */
  of(mac: Mac): readonly TimelineEntry[] {
    return this.#entries.get(mac) ?? [];
  }

  /** The last of all devices, oldest first. */
  recent(limit: number): readonly DeviceEntry[] {
    const all = [...this.#entries].flatMap(([mac, entries]) =>
      entries.slice(-limit).map((entry) => ({ mac, entry })),
    );
    return all.sort((a, b) => a.entry.at - b.entry.at).slice(-limit);
  }

  /** Called after each entry, also after one that only counts on. */
  listen(listener: (mac: Mac, entry: TimelineEntry) => void): void {
    this.#listeners.push(listener);
  }

  add(mac: Mac, kind: TimelineKind, family: Family | null = null, detail = ""): void {
    const entries = this.#entries.get(mac) ?? [];
    this.#entries.set(mac, entries);
    const last = entries.at(-1);
    const again = last?.kind === kind && last.family === family && last.detail === detail;
    if (again) entries.pop();
    if (entries.length >= most) entries.shift();
    const entry = { at: this.#wall(), kind, family, detail, count: again ? last.count + 1 : 1 };
    entries.push(entry);
    for (const listener of this.#listeners) listener(mac, entry);
  }

  event4(mac: Mac, event: Dhcp4Event): void {
    if (this.#entries.has(mac)) this.add(mac, event.kind, "ipv4", detail4(event));
  }

  event6(mac: Mac, event: Dhcp6Event): void {
    if (this.#entries.has(mac)) this.add(mac, event.kind, "ipv6", detail6(event));
  }

  #changed(now: Device | undefined, was: Device | undefined): void {
    if (!now) {
      if (was) this.#entries.delete(was.mac);
      return;
    }
    const { mac, stage, ipv4, ipv6 } = now;
    if (!was) this.add(mac, "seen", null, now.lanIp ?? "");
    if (stage.tag === "refused" && was?.stage.tag !== "refused") this.add(mac, "refused", null, stage.reason);
    if (ipv4.installed && !was?.ipv4.installed)
      this.add(mac, "configured", "ipv4", leaseOf(now)?.address ?? "");
    if (ipv6.installed && (!was?.ipv6.installed || was.ipv6.addresses !== ipv6.addresses))
      this.add(mac, "configured", "ipv6", reachable6(now).join(", "));
  }
}

const attempt = ({ attempt, of }: { readonly attempt: number; readonly of: number }): string =>
  `attempt ${attempt} of ${of}`;

function detail4(event: Dhcp4Event): string {
  switch (event.kind) {
    case "requesting":
      return event.how === "init-reboot" ? "verifying its lease" : attempt(event);
    case "attempt-failed":
      return `${attempt(event)}: ${event.reason}`;
    case "obtained":
    case "renewed":
      return `${event.lease.address} by ${event.how} from ${event.lease.serverId}`;
    case "lost":
      return `${event.address}: ${event.reason}`;
    case "conflict":
      return `${event.address} is also used by ${event.with}`;
    case "ignored":
    case "failed":
      return event.reason;
    case "released":
      return event.address;
    case "resting":
      return prefersIpv6;
  }
}

function detail6(event: Dhcp6Event): string {
  switch (event.kind) {
    case "requesting":
      return event.how === "solicit" ? attempt(event) : event.how;
    case "attempt-failed":
      return `${attempt(event)}: ${event.reason}`;
    case "obtained":
    case "renewed":
      return `${event.lease.addresses.map((a) => a.address).join(", ")} by ${event.how}`;
    case "lost":
      return `${event.addresses.join(", ")}: ${event.reason}`;
    case "conflict":
      return `${event.address} is also used by another host`;
    case "ignored":
    case "failed":
      return event.reason;
    case "informed":
      return `name servers ${event.information.dnsServers.join(", ") || "none"}`;
    case "released":
      return event.addresses.join(", ");
  }
}
