/** The WAN side of IPv6 for all devices: what is heard there, and what goes out in the devices' names. */
import type { Cidr6 } from "../../base/cidr6.ts";
import { type Ip6, isLinkLocal } from "../../base/ip6.ts";
import { type Mac, macFromBytes } from "../../base/mac.ts";
import type { Duration } from "../../base/time.ts";
import type { Lease6 } from "../../machine/dhcp6/lease.ts";
import type { Address6Fact } from "../../plan/desired6.ts";
import type { Log } from "../../ports/log.ts";
import { parseDhcp6Frame } from "../../wire/dhcp6/frame.ts";
import { nextHeaders } from "../../wire/ipv6.ts";
import { emitNdFrame } from "../../wire/nd/emit.ts";
import type { NdFrame } from "../../wire/nd/message.ts";
import { parseNdFrame } from "../../wire/nd/parse.ts";
import type { Queueing } from "../uplink/pacer.ts";
import { AddressBook } from "./address-book.ts";
import { Announcer } from "./announcer.ts";
import { Askers } from "./askers.ts";
import { type Confirmation, Confirmations } from "./confirmations.ts";
import { Demand6 } from "./demand6.ts";
import { Dhcp6Clients, type Dhcp6ClientsParts } from "./dhcp6-clients.ts";
import { Introductions } from "./introductions.ts";
import type { Network6 } from "./network.ts";
import { Routers6 } from "./routers6.ts";

/** Of a frame without extension headers: the socket's filter lets no others through. */
const nextHeaderAt = 20;

export interface Uplink6Parts extends Dhcp6ClientsParts {
  readonly log: Log;
  /** How long a device waits for an address by SLAAC before it asks DHCPv6 servers unasked. */
  readonly raWait: Duration;
  readonly dhcpEnabled: boolean;
  /** A station of the WAN spoke. */
  readonly sighted: (mac: Mac) => void;
  /** Whether other identities are about to come up. */
  readonly othersCome: () => boolean;
  /** Routers, prefixes, flags or resolvers changed. */
  readonly onNetwork: (now: Network6, was: Network6) => void;
  /** The kernel has sent so many checks for duplicates. */
  readonly onChecks: (count: number) => void;
  /** The network answers the device, or does so no more. */
  readonly onConfirmation: (mac: Mac) => void;
}

export class Uplink6 {
  readonly #parts: Uplink6Parts;
  readonly #clients: Dhcp6Clients;
  readonly #announcer: Announcer;
  readonly #addresses: AddressBook;
  readonly #askers = new Askers();
  readonly #demand: Demand6;
  readonly #confirmations: Confirmations;
  readonly #introductions = new Introductions((frame) => this.#sendNd(frame));
  readonly #routers: Routers6;
  /** Devices whose MAC was heard on the WAN side; told once each. */
  readonly #twins = new Set<Mac>();
  #stopped = false;

  constructor(parts: Uplink6Parts) {
    this.#parts = parts;
    const introductions = this.#introductions;
    const send = (frame: NdFrame, queueing?: Queueing): void => {
      if (isLinkLocal(frame.source)) introductions.before(frame.sourceMac);
      this.#sendNd(frame, queueing);
    };
    this.#clients = new Dhcp6Clients({
      ...parts,
      // Repetitions too: between two of them the link may have become another.
      send: (kind, frame, queueing) => {
        introductions.before(macFromBytes(frame, 6));
        parts.send(kind, frame, queueing);
      },
      onConfigure: (mac, lease) => {
        // The kernel may have checked an address long ago: it is asked about once more.
        this.#addresses.lookAnew(mac);
        this.answered(mac);
        parts.onConfigure(mac, lease);
      },
      onDeconfigure: (mac) => {
        this.#demand.judgeSoon(mac);
        parts.onDeconfigure(mac);
      },
      onEvent: (mac, event) => {
        // A slow attempt is one of one: what was sent before was in vain.
        const repeated = event.kind === "requesting" && (event.attempt > 1 || event.of === 1);
        if (repeated) introductions.again(mac);
        parts.onEvent(mac, event);
      },
    });
    this.#announcer = new Announcer({
      send,
      introduce: (mac, ip) => introductions.address(mac, ip),
      holds: (mac, ip) => this.#addresses.holder(ip) === mac,
    });
    this.#addresses = new AddressBook({
      log: parts.log,
      announcer: this.#announcer,
      onChecked: (mac, ip, duplicate) => this.#checked(mac, ip, duplicate),
    });
    this.#demand = new Demand6({
      ...parts,
      clients: this.#clients,
      askers: this.#askers,
      facts: (mac) => this.#addresses.facts(mac),
      network: () => this.#routers.network(),
      routersAreSettled: () => this.#routers.areSettled,
    });
    this.#confirmations = new Confirmations({
      ...parts,
      failedRetry: parts.settings.failedRetry,
      send,
      linkLocal: (mac) => this.#askers.linkLocal(mac),
      router: () => this.#routers.network().routers[0]?.address,
      introduce: (mac) => introductions.again(mac),
      onVerdict: (mac, late) => {
        if (late) this.#addresses.announceAnew(mac);
        parts.onConfirmation(mac);
      },
    });
    this.#routers = new Routers6({
      ...parts,
      send,
      asker: (preferred) => this.#askers.next(preferred),
      served: (mac, prefixes) => this.#addresses.isServed(mac, prefixes),
      onNetwork: (now, was) => {
        this.#demand.judgeAll();
        parts.onNetwork(now, was);
      },
      onSurer: () => this.#announcer.settle((ip) => this.#routers.vouchFor(ip), this.#routers.areSettled),
    });
  }

  /** What the routers offer now. */
  network(): Network6 {
    return this.#routers.network();
  }

  /** Whether the network answers the device. What an earlier run left counts as working before its turn as well. */
  confirmation(mac: Mac): Confirmation {
    if (!this.has(mac) && this.#addresses.isCarried(mac)) return "answered";
    return this.#confirmations.of(mac);
  }

  /** The network has answered the device, be it on IPv4. */
  answered(mac: Mac): void {
    if (this.has(mac)) this.#confirmations.answered(mac);
  }

  /** Which device has an address, or is about to. */
  holder(ip: Ip6): Mac | undefined {
    return this.#clients.holder(ip) ?? this.#addresses.holder(ip);
  }

  has(mac: Mac): boolean {
    return this.#demand.has(mac);
  }

  /** The device's identity is there and up, and may speak. `stored`: its lease from before a restart. */
  begin(mac: Mac, stored?: Lease6): void {
    if (this.has(mac)) return;
    // Of its link-local address.
    this.#parts.onChecks(1);
    this.#addresses.open(mac);
    this.#demand.begin(mac, stored);
    this.#routers.want(mac);
    if (this.#addresses.isCarried(mac)) this.#confirmations.want(mac, true);
  }

  /** What the kernel has on the identity now; before `begin` as well. */
  addresses(mac: Mac, facts: readonly Address6Fact[]): void {
    const before = new Set(this.#addresses.facts(mac).map(({ ip }) => ip));
    if (!this.#addresses.look(mac, facts)) return;
    if (this.has(mac)) this.#parts.onChecks(facts.filter(({ ip }) => !before.has(ip)).length);
    this.#demand.judge(mac);
    if (this.has(mac) && this.#addresses.isCarried(mac)) this.#confirmations.want(mac, false);
  }

  /** The kernel found another station with the address; one made by SLAAC is gone with that, and in no look. */
  duplicate(mac: Mac, ip: Ip6): void {
    this.#addresses.duplicate(mac, ip);
  }

  /** Prefixes of addresses that an earlier run left in the kernel. */
  seed(prefixes: readonly Cidr6[]): void {
    this.#routers.seed(prefixes);
  }

  /** The carrier is back, perhaps of another switch: whoever speaks next introduces itself first. */
  linkUp(): void {
    this.#introductions.linkChanged();
  }

  /** The link was away: routers have to show themselves, and are asked to. */
  linkChanged(): void {
    this.#introductions.linkChanged();
    this.#addresses.announceAll();
    this.#routers.linkChanged();
  }

  /** The device's turn after a change of the link: CONFIRM, or an attempt anew. */
  verify(mac: Mac): void {
    this.#confirmations.doubt(mac);
    this.#demand.verify(mac);
  }

  /** Somebody asks for a fresh try now. */
  retry(mac: Mac): void {
    this.#confirmations.doubt(mac);
    this.#clients.input(mac, { kind: "retry" });
  }

  /** The device's turn on another network: its lease is void. */
  moved(mac: Mac): void {
    this.#confirmations.doubt(mac);
    this.#demand.moved(mac);
  }

  /** RELEASE, and no more of this device. */
  forget(mac: Mac): void {
    this.#demand.forget(mac);
    this.#clients.forget(mac);
    this.#routers.drop(mac);
    this.#addresses.forget(mac);
    this.#introductions.forget(mac);
    this.#confirmations.forget(mac);
    this.#twins.delete(mac);
  }

  stop(): void {
    this.#stopped = true;
    this.#demand.stop();
    this.#clients.stop();
    this.#routers.stop();
    this.#confirmations.stop();
  }

  /** An IPv6 frame of the WAN socket. */
  receive(frame: Uint8Array): void {
    if (this.#stopped) return;
    const source = macFromBytes(frame, 6);
    if (this.#addresses.has(source)) this.#warnOfTwin(source);
    else if (frame[nextHeaderAt] === nextHeaders.udp) this.#receiveDhcp(frame);
    else this.#receiveNd(frame);
  }

  /** Our own identities' frames do not come back; one that does was sent by another with the same MAC. */
  #warnOfTwin(mac: Mac): void {
    if (this.#twins.has(mac)) return;
    this.#twins.add(mac);
    this.#parts.log.warn(
      `The MAC of device ${mac} also speaks IPv6 on the WAN side: another gateway, or LAN and WAN joined`,
    );
  }

  #receiveDhcp(frame: Uint8Array): void {
    const parsed = parseDhcp6Frame(frame);
    if (!parsed.ok) {
      this.#parts.onMessage?.("received", "malformed");
      this.#parts.log.debug(`a DHCPv6 frame makes no sense: ${parsed.error}`);
      return;
    }
    this.#parts.sighted(parsed.value.sourceMac);
    this.#clients.dhcpFrame(parsed.value);
  }

  #receiveNd(frame: Uint8Array): void {
    const parsed = parseNdFrame(frame);
    if (!parsed.ok) {
      this.#parts.log.debug(`a frame of neighbour discovery makes no sense: ${parsed.error}`);
      return;
    }
    this.#parts.sighted(parsed.value.sourceMac);
    this.answered(parsed.value.destinationMac);
    this.#routers.heard(parsed.value, (mac) => this.has(mac));
  }

  #checked(mac: Mac, ip: Ip6, duplicate: boolean): void {
    if (this.#clients.holder(ip) === mac) this.#clients.input(mac, { kind: "dad", address: ip, duplicate });
  }

  /**
   * A newer frame of the same kind to the same place says all that one says that still waits. Routers are asked at once, which the solicitor does once a second at the most: while devices come, the
   * kernel's checks of their addresses take all of the rate.
   */
  #sendNd(frame: NdFrame, queueing?: Queueing): void {
    const { kind } = frame.message;
    const key = `${kind} ${frame.source} ${frame.destination}`;
    const usual: Queueing = { key, rank: "now", wanted: () => true };
    const own = kind === "router-solicit" ? { ...usual, forAll: true as const } : usual;
    this.#parts.send("nd", emitNdFrame(frame), queueing ?? own);
  }
}
