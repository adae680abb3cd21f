/** What the running gateway shows of itself, and what people may ask of it; the API is made of this. */
import type { Mac } from "../base/mac.ts";
import {
  between,
  type Duration,
  type Instant,
  instant,
  millis,
  plus,
  scale,
  type WallTime,
} from "../base/time.ts";
import type { ManualForward } from "../config/forwards-file.ts";
import type { InboundChoice } from "../config/inbound-file.ts";
import type { Config } from "../config/schema.ts";
import type { DeviceStatus, StoredDevice } from "../config/state-device.ts";
import type { NetworkFacts } from "../config/state-network.ts";
import type { Observed } from "../plan/observe.ts";
import { portAddresses } from "../plan/port-addresses.ts";
import type { PortState } from "../plan/port-state.ts";
import type { Clock } from "../ports/clock.ts";
import type { Device } from "./devices/device.ts";
import type { Registry } from "./devices/registry.ts";
import { statusOf } from "./devices/status.ts";
import type { DeviceEntry, Timeline, TimelineEntry } from "./devices/timeline.ts";
import type { WayIn } from "./forwards/forwards.ts";
import type { NetworkView } from "./network/view.ts";
import type { Proxies } from "./proxy/proxies.ts";
import type { Pass, Prospect } from "./reconcile/reconciler.ts";
import { storeDevice } from "./state/stored-device.ts";
import type { Trouble } from "./state/troubles.ts";
import type { MessageCount } from "./uplink/message-tally.ts";
import type { Pacer } from "./uplink/pacer.ts";

export interface InspectionParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly timeline: Timeline;
  readonly network: NetworkView;
  /** What is wrong, in full sentences. */
  readonly troubles: () => readonly string[];
  readonly troubleKinds: () => ReadonlySet<Trouble>;
  /** What is wrong with the API. */
  readonly tellApi: (sentences: readonly string[]) => void;
  /** What is wrong with those who are told what happens. */
  readonly tellHooks: (sentences: readonly string[]) => void;
  readonly observed: () => Observed | undefined;
  readonly portState: (ifname: string) => PortState;
  readonly forwards: () => readonly ManualForward[];
  /** All that leads to a device from the WAN. */
  readonly ways: (device: Device) => readonly WayIn[];
  /** What was decided about single devices as a whole. */
  readonly inbound: () => readonly InboundChoice[];
  /** The networks that every port of the device, and echoes, are open to. */
  readonly openTo: (device: Device) => readonly string[];
  /** Whether a port of the device with this LAN address is open; undefined: nobody has looked. */
  readonly isOpen: (forward: ManualForward) => boolean | undefined;
  /** Since the start. */
  readonly dhcpMessages: () => readonly MessageCount[];
  readonly windows: Pacer["windows"];
  /** Absent: the kernel cannot lead connections to one. */
  readonly proxies?: Pick<Proxies, "status" | "use"> | undefined;
  /** Whether it waits for its turn after a restart. */
  readonly waits: (mac: Mac) => boolean;
  /** Asks the servers anew. */
  readonly retry: (device: Device) => void;
  /** What the next whole pass would do. */
  readonly prospect: () => Promise<Prospect>;
  /** Gives its leases back and removes all of it. */
  readonly forget: (mac: Mac) => void;
}

/** One pass that made the kernel match the plan. */
export interface PassReport {
  /** From a fresh look at everything, or for a few devices. */
  readonly whole: boolean;
  readonly took: Duration;
  /** What the kernel refused. */
  readonly failures: number;
}

/** One of the two ports as the kernel has it. */
export interface PortView {
  readonly interface: string;
  readonly state: PortState;
}

const moment = millis(300);
export const mostRecent = 1000;

export class Inspection {
  readonly #parts: InspectionParts;
  readonly startedAt: Instant;
  readonly startedAtWall: WallTime;
  #shown: { readonly at: Instant; readonly devices: readonly StoredDevice[] } | undefined;
  #prospect: Promise<Prospect> | undefined;
  #restUntil: Instant = instant(0);
  #recent: { readonly at: Instant; readonly entries: readonly DeviceEntry[] } | undefined;
  readonly #passListeners: ((pass: PassReport) => void)[] = [];

  constructor(parts: InspectionParts) {
    this.#parts = parts;
    this.startedAt = parts.clock.now();
    this.startedAtWall = parts.clock.wall();
    parts.registry.listen((now, was) => {
      if (!now || !was) this.#shown = undefined;
    });
  }

  get config(): Config {
    return this.#parts.config;
  }

  get clock(): Clock {
    return this.#parts.clock;
  }

  get network(): NetworkFacts {
    return this.#parts.network.facts;
  }

  get troubles(): readonly string[] {
    return this.#parts.troubles();
  }

  get troubleKinds(): ReadonlySet<Trouble> {
    return this.#parts.troubleKinds();
  }

  /** DHCP messages of the devices since the start. */
  get dhcpMessages(): readonly MessageCount[] {
    return this.#parts.dhcpMessages();
  }

  /** How many questions to the DHCP servers of each family may be open, and are. */
  get windows(): Pacer["windows"] {
    return this.#parts.windows;
  }

  /** What leads IPv6 clients to the devices. */
  get proxy(): Pick<Proxies, "status" | "use"> | undefined {
    return this.#parts.proxies;
  }

  /** Whoever tells outside what happens says what is wrong with that. */
  tellHooks(sentences: readonly string[]): void {
    this.#parts.tellHooks(sentences);
  }

  /** Whoever serves the API says what is wrong with it. */
  tellApi(sentences: readonly string[]): void {
    this.#parts.tellApi(sentences);
  }

  get ports(): { readonly lan: PortView; readonly wan: PortView } {
    const { lan, wan } = this.#parts.config;
    const view = (name: string): PortView => ({ interface: name, state: this.#parts.portState(name) });
    return { lan: view(lan.interface), wan: view(wan.interface) };
  }

  /** With their lengths. */
  addresses(ifname: string): readonly string[] {
    return portAddresses(this.#parts.observed(), ifname);
  }

  /**
   * What the reconciler would do now. Reading the whole kernel takes a while: whoever asks meanwhile gets the same answer, and the next reading waits three times as
   * long, so that nobody keeps the gateway from its work by asking.
   */
  prospect(): Promise<Prospect> {
    this.#prospect ??= this.#foresee().finally(() => {
      this.#prospect = undefined;
    });
    return this.#prospect;
  }

  async #foresee(): Promise<Prospect> {
    const { clock, prospect } = this.#parts;
    const pause = between(clock.now(), this.#restUntil);
    if (pause > 0) await clock.sleep(pause);
    const began = clock.now();
    try {
      return await prospect();
    } finally {
      this.#restUntil = plus(clock.now(), scale(between(began, clock.now()), 3));
    }
  }

  /** Those in force. */
  get forwards(): readonly ManualForward[] {
    return this.#parts.forwards();
  }

  /** As they were at most a moment ago: whoever asks for thousands again and again must not keep the gateway from its work. */
  devices(): readonly StoredDevice[] {
    const now = this.#parts.clock.now();
    if (!this.#shown || between(this.#shown.at, now) > moment) {
      const devices = this.#parts.registry.all().map((device) => this.#show(device));
      this.#shown = { at: now, devices };
    }
    return this.#shown.devices;
  }

  device(mac: Mac): StoredDevice | undefined {
    const device = this.#parts.registry.get(mac);
    return device && this.#show(device);
  }

  hostname(mac: Mac): string | null {
    return this.#parts.registry.get(mac)?.hostname ?? null;
  }

  /** Who has this address on the LAN. */
  holder(ip: ManualForward["address"]): Mac | undefined {
    return this.#parts.registry.holder(ip);
  }

  /** All that leads to the device from the WAN now. */
  ways(mac: Mac): readonly WayIn[] {
    const device = this.#parts.registry.get(mac);
    return device ? this.#parts.ways(device) : [];
  }

  /** What was decided about single devices as a whole, and is in force. */
  get inbound(): readonly InboundChoice[] {
    return this.#parts.inbound();
  }

  /** The networks that every port of the device, and echoes, are open to; none: only listed ports lead to it. */
  openTo(mac: Mac): readonly string[] {
    const device = this.#parts.registry.get(mac);
    return device ? this.#parts.openTo(device) : [];
  }

  /** Whether the port that a forward leads to is open; undefined: nobody has looked. */
  isOpen(forward: ManualForward): boolean | undefined {
    return this.#parts.isOpen(forward);
  }

  /** Oldest first. */
  timeline(mac: Mac): readonly TimelineEntry[] {
    return this.#parts.timeline.of(mac);
  }

  /** What happened last to all devices, at most `mostRecent`, oldest first; as it was at most a moment ago. */
  recent(limit: number): readonly DeviceEntry[] {
    const now = this.#parts.clock.now();
    if (!this.#recent || between(this.#recent.at, now) > moment)
      this.#recent = { at: now, entries: this.#parts.timeline.recent(mostRecent) };
    return this.#recent.entries.slice(-limit);
  }

  knows(mac: Mac): boolean {
    return this.#parts.registry.get(mac) !== undefined;
  }

  /** Calls back with each thing that happens to a device. */
  onEvent(listener: (mac: Mac, entry: TimelineEntry) => void): void {
    this.#parts.timeline.listen(listener);
  }

  /** Calls back after each pass. */
  onPass(listener: (pass: PassReport) => void): void {
    this.#passListeners.push(listener);
  }

  passed({ macs, took, failures }: Pass): void {
    const report = { whole: macs === undefined, took, failures: failures.length };
    for (const listener of this.#passListeners) listener(report);
  }

  /** Calls back with the device that changed, came or went. */
  listen(listener: (mac: Mac, isGone: boolean) => void): void {
    this.#parts.registry.listen((now, was) => {
      const device = now ?? was;
      if (device) listener(device.mac, now === undefined);
    });
  }

  /** Calls back at each change of a device with its status now; undefined: it is forgotten. */
  follow(listener: (mac: Mac, status: DeviceStatus | undefined) => void): void {
    const { registry, clock, config } = this.#parts;
    registry.listen((now, was) => {
      const device = now ?? was;
      if (!device) return;
      const status = now && statusOf(now, clock.now(), config.discovery.offline_after);
      listener(device.mac, status);
    });
  }

  /** @returns why it cannot be, or undefined */
  retry(mac: Mac): string | undefined {
    const device = this.#parts.registry.get(mac);
    if (!device) return `there is no device ${mac}`;
    if (device.stage.tag === "refused") return `${mac} is never asked for: ${device.stage.reason}`;
    if (device.stage.tag === "pending" || this.#parts.waits(mac)) return `${mac} waits for its turn already`;
    this.#parts.retry(device);
    return undefined;
  }

  /** @returns whether it was there. A device that is still on the LAN comes back with its next frame. */
  forget(mac: Mac): boolean {
    if (!this.#parts.registry.get(mac)) return false;
    this.#parts.forget(mac);
    return true;
  }

  #show(device: Device): StoredDevice {
    const { clock, config, network } = this.#parts;
    const m = { now: clock.now(), wall: clock.wall() };
    const status = statusOf(device, m.now, config.discovery.offline_after);
    return storeDevice(device, status, m, network.offered);
  }
}
