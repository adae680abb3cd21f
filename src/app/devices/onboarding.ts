/** A device's way to its DHCP clients: its turn, DHCPv4, its interface, then IPv6; the same for leases from before a restart. */
import type { Ip4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";
import { between, earliest, type Instant, never, seconds } from "../../base/time.ts";
import type { ReadState } from "../../config/state-file.ts";
import type { Lease4 } from "../../machine/dhcp4/lease.ts";
import type { Lease6 } from "../../machine/dhcp6/lease.ts";
import { identityName } from "../../plan/marks.ts";
import type { ResourceMap } from "../../plan/resource.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import { type Restored, restoreDevice } from "../state/stored-device.ts";
import type { Pacer } from "../uplink/pacer.ts";
import type { Device, Stage } from "./device.ts";
import { QuestionsFirst } from "./questions-first.ts";
import type { Registry } from "./registry.ts";

/** What may have become of the network that a device's state of one family comes from; `confirmed`: nothing to do. */
export type Suspicion = "confirmed" | "same?" | "another";

export interface Suspicions {
  readonly ipv4: Suspicion;
  readonly ipv6: Suspicion;
}

/** The two ends that ask in a device's name: DHCPv4, and IPv6 with all of it. */
export interface Asker4 {
  has(mac: Mac): boolean;
  begin(mac: Mac, stored?: Lease4): void;
  linkChanged(mac: Mac): void;
  moved(mac: Mac): void;
}
export interface Asker6 {
  begin(mac: Mac, stored?: Lease6): void;
  verify(mac: Mac): void;
  moved(mac: Mac): void;
}

export interface OnboardingParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly pacer: Pick<Pacer, "admit">;
  readonly ipv4: Asker4;
  readonly ipv6: Asker6;
  /** Why this MAC must not have an identity, even if it had one before. */
  readonly refusal: (mac: Mac) => string | undefined;
  /** `dhcpv4.enabled`. */
  readonly enabled: boolean;
  /** The device asks the network from now on. */
  readonly onAsking: (mac: Mac) => void;
  /** The WAN port takes in frames for a MAC that has no interface yet, or need not any more. */
  readonly listenFor: (mac: Mac) => void;
  readonly listenNoMore: (mac: Mac) => void;
  readonly deconfigure: (mac: Mac, address: Ip4) => void;
  readonly deconfigure6: (mac: Mac) => void;
}

/** An interface that takes longer perhaps never comes. */
const upWithin = seconds(5);

export class Onboarding {
  readonly #parts: OnboardingParts;
  /** Devices whose turn it is and whose interface is awaited: how to tell the pacer that it is there. */
  readonly #open = new Map<Mac, () => void>();
  /** Those of them whose interface is wanted by now, and since when; oldest first. */
  readonly #prepared = new Map<Mac, Instant>();
  readonly #ends: Cancel[] = [];
  /** Devices of an earlier run that have not had their turn yet. */
  readonly #restored = new Map<Mac, Restored>();
  readonly #first: QuestionsFirst;
  /** Rises with each round of verification; a turn of an older round is void. */
  #round = 0;

  constructor(parts: OnboardingParts) {
    this.#parts = parts;
    this.#first = new QuestionsFirst({ clock: parts.clock, onReady: (mac) => this.#prepare(mac) });
  }

  /** Asks for the device's turn; then it asks, and may have its interface. */
  admit(mac: Mac): void {
    this.#parts.pacer.admit((done) => {
      const device = this.#parts.registry.get(mac);
      if (!device || device.stage.tag === "refused" || this.#parts.ipv4.has(mac)) {
        done();
        return;
      }
      this.#open.set(mac, done);
      this.#parts.onAsking(mac);
      // An identity of an earlier run is there already; no pass would tell of it again.
      if (device.stage.tag === "admitted") this.identityUp(device);
      else if (this.#parts.enabled) this.#askFirst(mac);
      else this.#prepare(mac);
    });
  }

  /** Its exchange is by the WAN port's socket, which needs no interface. */
  #askFirst(mac: Mac): void {
    this.#parts.listenFor(mac);
    this.#first.begin(mac);
    this.#begin4(mac);
  }

  #begin4(mac: Mac): void {
    const { ipv4, clock } = this.#parts;
    ipv4.begin(mac, stillGood(this.#restored.get(mac)?.lease, clock.now()));
  }

  /** A server has granted the device an IPv4 address. */
  granted(mac: Mac): void {
    this.#first.answered(mac);
  }

  /** The plan wants an interface from now on. */
  #prepare(mac: Mac): void {
    const device = this.#parts.registry.get(mac);
    if (device?.stage.tag !== "pending") return;
    this.#prepared.set(mac, this.#parts.clock.now());
    this.#parts.registry.put({ ...device, stage: { tag: "admitted" } });
  }

  /** Whether interfaces are about to come up. */
  get othersCome(): boolean {
    const now = this.#parts.clock.now();
    for (const [mac, since] of this.#prepared) {
      if (between(since, now) <= upWithin) return true;
      this.#prepared.delete(mac);
    }
    return false;
  }

  /** The kernel has the device's interface: IPv6 is asked for under its MAC as well. */
  identityUp({ mac }: Device): void {
    const done = this.#open.get(mac);
    if (!done) return;
    this.#open.delete(mac);
    this.#prepared.delete(mac);
    const { ipv4, ipv6, enabled, listenNoMore } = this.#parts;
    if (enabled && !ipv4.has(mac)) this.#begin4(mac);
    ipv6.begin(mac, this.#restored.get(mac)?.lease6);
    this.#restored.delete(mac);
    listenNoMore(mac);
    done();
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
      const restored = restoreDevice(entry, moment);
      const { device } = restored;
      const reason = this.#parts.refusal(device.mac);
      registry.put(reason ? { ...device, stage: { tag: "refused", reason } } : adopt(device, there));
      if (!reason) this.#restored.set(device.mac, restored);
    }
    return stored.length;
  }

  /** Verifies the restored leases, and asks anew for devices that had none, each in its turn. */
  resume(): void {
    for (const restored of this.#restored.values()) {
      this.admit(restored.device.mac);
      this.#watchOver(restored);
    }
  }

  /**
   * The WAN may be another network: every lease is verified and every attempt begins anew, the last seen devices first.
   * @param suspicion asked at each device's turn, since the answer may come out meanwhile
   */
  verifyAll(suspicion: (device: Device) => Suspicions): void {
    const { registry, pacer } = this.#parts;
    const round = ++this.#round;
    const devices = [...registry.all()].sort((a, b) => b.lastSeenAt - a.lastSeenAt);
    for (const { mac, stage } of devices) {
      if (stage.tag !== "admitted" && !this.#parts.ipv4.has(mac)) continue;
      pacer.admit((done) => {
        const device = registry.get(mac);
        if (round === this.#round && device && !this.#restored.has(mac))
          this.#verify(device, suspicion(device));
        done();
      });
    }
  }

  /** Whether a restored device waits for its turn. */
  waits(mac: Mac): boolean {
    return this.#restored.has(mac);
  }

  /** What was kept of it is not verified any more, and its turn is another's. */
  forget(mac: Mac): void {
    this.#first.forget(mac);
    this.#parts.listenNoMore(mac);
    this.#restored.delete(mac);
    this.#open.get(mac)?.();
    this.#open.delete(mac);
    this.#prepared.delete(mac);
  }

  stop(): void {
    this.#first.stop();
    for (const cancel of this.#ends) cancel();
  }

  #verify({ mac, stage }: Device, suspicion: Suspicions): void {
    const { ipv4, ipv6 } = this.#parts;
    // Before it has its interface it has asked nobody by IPv6.
    if (stage.tag === "admitted" && suspicion.ipv6 === "same?") ipv6.verify(mac);
    if (stage.tag === "admitted" && suspicion.ipv6 === "another") ipv6.moved(mac);
    if (suspicion.ipv4 === "same?") ipv4.linkChanged(mac);
    if (suspicion.ipv4 === "another") ipv4.moved(mac);
  }

  /** A lease that ends before it is the device's turn: no machine watches over it yet. */
  #watchOver({ device: { mac }, lease, lease6 }: Restored): void {
    const { clock, deconfigure, deconfigure6 } = this.#parts;
    const waits = (): boolean => this.#restored.has(mac);
    const end6 = earliest(...(lease6?.addresses.map((a) => a.validUntil) ?? [never]));
    if (lease) this.#ends.push(clock.at(lease.expiresAt, () => waits() && deconfigure(mac, lease.address)));
    this.#ends.push(clock.at(end6, () => waits() && deconfigure6(mac)));
  }
}

const stillGood = (lease: Lease4 | undefined, now: Instant): Lease4 | undefined =>
  lease && lease.expiresAt > now ? lease : undefined;

/** Whatever of the device is in the kernel counts as its own from the start; what is not, as after a power cut, comes in its turn. */
function adopt(device: Device, there: ResourceMap): Device {
  const ifname = identityName(device.mac);
  const { dhcp } = device.ipv4;
  const stage: Stage = there.has(`identity ${ifname}`) ? { tag: "admitted" } : { tag: "pending" };
  if (dhcp.tag !== "leased") return { ...device, stage };
  const installed = there.has(`address ${ifname} ${dhcp.lease.address}`);
  return { ...device, stage, ipv4: { dhcp, installed } };
}
