/** A device's way to its DHCP client: its turn, its interface, then the first message; the same for leases from before a restart. */
import type { Ip4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";
import type { ReadState } from "../../config/state-file.ts";
import type { Lease4 } from "../../machine/dhcp4/lease.ts";
import { identityName } from "../../plan/marks.ts";
import type { ResourceMap } from "../../plan/resource.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import { restoreDevice } from "../state/stored-device.ts";
import type { Dhcp4Clients } from "../uplink/dhcp4-clients.ts";
import type { Pacer } from "../uplink/pacer.ts";
import type { Device, Stage } from "./device.ts";
import type { Registry } from "./registry.ts";

export interface OnboardingParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly pacer: Pacer;
  readonly clients: Pick<Dhcp4Clients, "has" | "begin" | "linkChanged">;
  /** Why this MAC must not have an identity, even if it had one before. */
  readonly refusal: (mac: Mac) => string | undefined;
  /** `dhcpv4.enabled`. */
  readonly enabled: boolean;
  readonly deconfigure: (mac: Mac, address: Ip4) => void;
}

export class Onboarding {
  readonly #parts: OnboardingParts;
  /** How to tell the pacer that a device's exchange is over. */
  readonly #open = new Map<Mac, () => void>();
  readonly #ends: Cancel[] = [];
  #restored: { readonly mac: Mac; readonly lease: Lease4 | undefined }[] = [];

  constructor(parts: OnboardingParts) {
    this.#parts = parts;
  }

  /** Asks for the device's turn; then it may have its interface. */
  admit(mac: Mac): void {
    this.#parts.pacer.admit((done) => {
      const device = this.#parts.registry.get(mac);
      if (device?.stage.tag !== "pending") {
        done();
        return;
      }
      this.#open.set(mac, done);
      // An identity of an earlier run is there already; no pass would tell of it again.
      if (device.stage.admitted) this.identityUp(device);
      else this.#parts.registry.put({ ...device, stage: { tag: "pending", admitted: true } });
    });
  }

  /** The kernel has the device's interface: ask for an address under its MAC. */
  identityUp(device: Device): void {
    const { clients, enabled } = this.#parts;
    const waiting = device.stage.tag === "pending" && device.stage.admitted && this.#open.has(device.mac);
    if (enabled && waiting && !clients.has(device.mac)) clients.begin(device.mac);
  }

  answered(mac: Mac): void {
    this.#open.get(mac)?.();
    this.#open.delete(mac);
  }

  /** Takes the devices of an earlier run over, before the first pass, so that what is in the kernel stays there. */
  restore(state: ReadState | undefined, there: ResourceMap): number {
    const { clock, registry } = this.#parts;
    const moment = { now: clock.now(), wall: clock.wall() };
    // Most recently used first: after a power cut they come up first.
    const stored = [...(state?.devices.values() ?? [])].sort(
      (a, b) => (b.last_seen ?? 0) - (a.last_seen ?? 0),
    );
    for (const entry of stored) {
      const { device, lease } = restoreDevice(entry, moment);
      const reason = this.#parts.refusal(device.mac);
      registry.put({ ...device, stage: reason ? { tag: "refused", reason } : adopt(device, there) });
      if (!reason) this.#restored.push({ mac: device.mac, lease });
    }
    return stored.length;
  }

  /** Verifies the restored leases, and asks anew for devices that had none, each in its turn. */
  resume(): void {
    for (const { mac, lease } of this.#restored) {
      if (!lease) {
        this.admit(mac);
        continue;
      }
      this.#parts.pacer.admit((done) => this.#verify(mac, lease, done));
      this.#ends.push(this.#parts.clock.at(lease.expiresAt, () => this.#expire(mac, lease)));
    }
    this.#restored = [];
  }

  /** The WAN may be another network: every lease is verified and every attempt begins anew, the last seen devices first. */
  verifyAll(): void {
    const { clients, pacer, registry } = this.#parts;
    const devices = [...registry.all()].sort((a, b) => b.lastSeenAt - a.lastSeenAt);
    for (const { mac } of devices) {
      if (!clients.has(mac)) continue;
      pacer.admit((done) => {
        this.#open.set(mac, done);
        clients.linkChanged(mac);
      });
    }
  }

  stop(): void {
    for (const cancel of this.#ends) cancel();
  }

  /** The lease ended before it was the device's turn: no machine watches over it yet. */
  #expire(mac: Mac, lease: Lease4): void {
    if (!this.#parts.clients.has(mac)) this.#parts.deconfigure(mac, lease.address);
  }

  #verify(mac: Mac, lease: Lease4, done: () => void): void {
    const { clients, clock, enabled, registry } = this.#parts;
    const device = registry.get(mac);
    if (!enabled || !device || clients.has(mac)) {
      done();
      return;
    }
    this.#open.set(mac, done);
    if (lease.expiresAt > clock.now()) clients.begin(mac, lease);
    else this.identityUp(device);
  }
}

/** Whatever of the device is in the kernel counts as its own from the start. */
function adopt({ mac, stage }: Device, there: ResourceMap): Stage {
  const ifname = identityName(mac);
  if (stage.tag === "leased")
    return { ...stage, installed: there.has(`address ${ifname} ${stage.lease.address}`) };
  return { tag: "pending", admitted: there.has(`identity ${ifname}`) };
}
