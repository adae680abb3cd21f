import type { Ip4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";
import { between, type Duration, type Instant, type WallTime } from "../../base/time.ts";
import type { Fingerprint } from "../../machine/dhcp4/interface.ts";
import type { Lease4 } from "../../machine/dhcp4/lease.ts";

/** How far a device's identity has come on the WAN. */
export type Stage =
  /** Never impersonated; the reason says why. */
  | { readonly tag: "refused"; readonly reason: string }
  /** Waits for its turn (pacing); once admitted, for its interface. */
  | { readonly tag: "pending"; readonly admitted: boolean }
  | { readonly tag: "discovering"; readonly attempt: number; readonly of: number }
  /** All attempts are used up; slow ones go on. */
  | { readonly tag: "failed"; readonly reason: string }
  /** Has a lease; `installed` once the kernel carries it. */
  | { readonly tag: "leased"; readonly lease: Lease4; readonly installed: boolean };

/** One device behind the gateway. Values are replaced, never changed. */
export interface Device {
  readonly mac: Mac;
  /** Its address on the LAN. */
  readonly lanIp?: Ip4;
  readonly hostname?: string;
  readonly fingerprint: Fingerprint;
  readonly discoveredAt: WallTime;
  readonly lastSeen: WallTime;
  readonly lastSeenAt: Instant;
  readonly stage: Stage;
}

export type DeviceStatus = "pending" | "discovering" | "active" | "inactive" | "failed";

export function statusOf(device: Device, now: Instant, offlineAfter: Duration): DeviceStatus {
  switch (device.stage.tag) {
    case "refused":
    case "failed":
      return "failed";
    case "pending":
      return "pending";
    case "discovering":
      return "discovering";
    case "leased":
      if (!device.stage.installed) return "discovering";
      return between(device.lastSeenAt, now) > offlineAfter ? "inactive" : "active";
  }
}

/** One sentence for a person, or undefined when there is nothing to say. */
export function reasonOf(device: Device): string | undefined {
  const { stage } = device;
  if (stage.tag === "refused" || stage.tag === "failed") return stage.reason;
  if (stage.tag === "leased" && device.lanIp === undefined) return "its LAN address is not known yet";
  if (stage.tag === "discovering" && stage.attempt > 1) return `attempt ${stage.attempt} of ${stage.of}`;
  return undefined;
}

/** Whether the device has, or is about to have, an interface on the WAN. */
export const hasIdentity = ({ stage }: Device): boolean =>
  stage.tag !== "refused" && (stage.tag !== "pending" || stage.admitted);

export const leaseOf = (device: Device): Lease4 | undefined =>
  device.stage.tag === "leased" ? device.stage.lease : undefined;
