/**
 * Ways in: which ports of a device's own WAN addresses lead to which port of the device. Automatic ones follow `forwards.ports`
 * and are the same for all devices; the rest are exceptions to them, one device each.
 */
import type { Ip4 } from "../base/ip4.ts";
import type { Mac } from "../base/mac.ts";

export type Protocol = "tcp" | "udp";

/** Asked for by a person (`gateway port-forward`): a port of the WAN addresses of whichever device has this LAN address. */
export interface ManualForward {
  readonly protocol: Protocol;
  /** On the WAN side. */
  readonly port: number;
  readonly address: Ip4;
  /** Port of the device. */
  readonly target: number;
}

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
}
