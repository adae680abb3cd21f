/** Which device needs which service of DHCPv6 servers, as flags, addresses and waiting times change. */
import { type Cidr6, contains6 } from "../../base/cidr6.ts";
import { isRoutableIp6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import { type Duration, type Instant, plus } from "../../base/time.ts";
import type { Lease6 } from "../../machine/dhcp6/lease.ts";
import type { Address6Fact } from "../../plan/desired6.ts";
import type { Clock } from "../../ports/clock.ts";
import { Alarms } from "../uplink/alarms.ts";
import type { Askers } from "./askers.ts";
import type { Dhcp6Clients } from "./dhcp6-clients.ts";
import { isLeftBehind } from "./left-behind.ts";
import { modeFor } from "./mode.ts";
import { type Network6, unwantedPrefixes } from "./network.ts";

export interface Demand6Parts {
  readonly clock: Clock;
  /** How long a device waits for an address by SLAAC (`slaac.ra_wait`). */
  readonly raWait: Duration;
  /** `dhcpv6.enabled`. */
  readonly dhcpEnabled: boolean;
  readonly clients: Pick<Dhcp6Clients, "has" | "leased" | "run" | "input">;
  readonly askers: Askers;
  readonly facts: (mac: Mac) => readonly Address6Fact[];
  readonly network: () => Network6;
  /** Whether the routers of the link as it is now have had the time to speak. */
  readonly routersAreSettled: () => boolean;
  /** A lease from before a restart is not to be used. */
  readonly onDeconfigure: (mac: Mac) => void;
}

interface Need {
  /** From before a restart, until the client takes it over. */
  stored: Lease6 | undefined;
  /** Since when the link-local address is usable and SLAAC gives no other. */
  lackingSince: Instant | undefined;
  /** The lease may be of another link. */
  unsure: boolean;
  /** Withdrawn when the device last asked anew. */
  accepted: readonly Cidr6[];
}

export class Demand6 {
  readonly #parts: Demand6Parts;
  readonly #needs = new Map<Mac, Need>();
  readonly #alarms: Alarms<Mac>;

  constructor(parts: Demand6Parts) {
    this.#parts = parts;
    this.#alarms = new Alarms(parts.clock, (mac) => this.judge(mac));
  }

  has(mac: Mac): boolean {
    return this.#needs.has(mac);
  }

  begin(mac: Mac, stored?: Lease6): void {
    const { dhcpEnabled, onDeconfigure } = this.#parts;
    const unsure = stored !== undefined;
    this.#needs.set(mac, {
      stored: dhcpEnabled ? stored : undefined,
      lackingSince: undefined,
      unsure,
      accepted: [],
    });
    if (stored && !dhcpEnabled) onDeconfigure(mac);
    this.judge(mac);
  }

  /** Lets the device ask for what it needs now. */
  judge(mac: Mac): void {
    const need = this.#needs.get(mac);
    if (!need) return;
    const { clients, askers, facts, network, dhcpEnabled } = this.#parts;
    const linkLocal = facts(mac).find((f) => f.origin === "link-local" && f.state === "usable")?.ip;
    askers.set(mac, linkLocal);
    const slaacFailed = this.#hasLackedTooLong(mac, need, linkLocal !== undefined);
    // Only a link-local address can be answered (RFC 8415 section 5).
    if (!linkLocal && !clients.has(mac)) return;
    const { stored } = need;
    const leased = stored !== undefined || clients.leased(mac).length > 0;
    need.stored = undefined;
    const { managed, otherConfig } = network();
    clients.run(mac, modeFor({ enabled: dhcpEnabled, managed, otherConfig, leased, slaacFailed }), stored);
    // It may have run out, or be held by another device.
    if (stored && clients.leased(mac).length === 0) this.#parts.onDeconfigure(mac);
    const anotherLink = need.unsure && this.#parts.routersAreSettled();
    if (isLeftBehind(clients.leased(mac), network(), { anotherLink, accepted: need.accepted }))
      this.moved(mac);
  }

  /** The network has changed. */
  judgeAll(): void {
    for (const mac of this.#needs.keys()) this.judge(mac);
  }

  /** To be called from within what a client does. */
  judgeSoon(mac: Mac): void {
    if (this.#needs.has(mac)) this.#alarms.set(mac, this.#parts.clock.now());
  }

  /** The link may lead to another network. */
  verify(mac: Mac): void {
    const need = this.#needs.get(mac);
    if (!need) return;
    need.lackingSince = undefined;
    need.unsure = true;
    this.judge(mac);
    this.#parts.clients.input(mac, { kind: "link-changed" });
  }

  /** The link leads to another network: what it gave there is void. */
  moved(mac: Mac): void {
    const need = this.#needs.get(mac);
    if (!need) return;
    // Name servers of the old network too.
    this.#parts.onDeconfigure(mac);
    const accepted = this.#parts.network().withdrawn;
    this.#needs.set(mac, { stored: undefined, lackingSince: undefined, unsure: false, accepted });
    this.#parts.clients.input(mac, { kind: "moved" });
    this.judge(mac);
  }

  forget(mac: Mac): void {
    this.#needs.delete(mac);
    this.#alarms.delete(mac);
    this.#parts.askers.set(mac, undefined);
  }

  stop(): void {
    this.#alarms.stop();
    this.#needs.clear();
  }

  /** Counts from the moment at which an address was first missed: one that follows another needs its time too. */
  #hasLackedTooLong(mac: Mac, need: Need, ready: boolean): boolean {
    const { clock, facts, network, raWait } = this.#parts;
    const unwanted = unwantedPrefixes(network());
    const served = facts(mac).some(
      (fact) => isPromising(fact) && !unwanted.some((prefix) => contains6(prefix, fact.ip)),
    );
    if (served || !ready) {
      need.lackingSince = undefined;
      return false;
    }
    need.lackingSince ??= clock.now();
    const deadline = plus(need.lackingSince, raWait);
    if (deadline <= clock.now()) return true;
    this.#alarms.set(mac, deadline);
    return false;
  }
}

/** An address by SLAAC that is, or will be in a moment, good for new connections. */
const isPromising = ({ ip, origin, state }: Address6Fact): boolean =>
  origin === "slaac" && isRoutableIp6(ip) && (state === "usable" || state === "tentative");
