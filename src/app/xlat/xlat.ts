/**
 * 464XLAT (RFC 6877): where the network has IPv6, a NAT64 and no IPv4, the devices' IPv4 is translated, each under its identity's own IPv6 address. Decides when, and for
 * whom; the plan makes the ways, a translator does the work.
 */

import { networkOf } from "../../base/cidr4.ts";
import { type Cidr6, formatCidr6, parseCidr6 } from "../../base/cidr6.ts";
import type { Mac } from "../../base/mac.ts";
import { wellKnownPrefix } from "../../base/nat64.ts";
import { perhaps } from "../../base/parsed.ts";
import { Tally } from "../../base/tally.ts";
import { type Duration, type Instant, instant, plus, zero } from "../../base/time.ts";
import { matchesAny } from "../../config/mac-pattern.ts";
import type { Config } from "../../config/schema.ts";
import { translatorName } from "../../plan/marks.ts";
import type { Element, Resource } from "../../plan/resource.ts";
import type { TranslationPlan } from "../../plan/translation.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { NameLookup } from "../../ports/name-lookup.ts";
import { type Device, leaseOf, restsFromIpv4 } from "../devices/device.ts";
import type { Registry } from "../devices/registry.ts";
import type { Pass } from "../reconcile/reconciler.ts";
import type { Network6 } from "../uplink6/network.ts";
import { InboundNeed } from "./inbound-need.ts";
import { chooseNat64, doubtOf, type Nat64 } from "./nat64.ts";
import { Nat64Finder } from "./nat64-finder.ts";
import { adoption, briefly, settling, settlingAtStart } from "./patience.ts";
import type { Translator } from "./translator.ts";
import { V6Only } from "./v6-only.ts";

export interface XlatParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: Registry;
  readonly names: NameLookup;
  readonly translator: Translator;
  readonly network6: () => Network6;
  /** The link is down, or the network may be another one and nobody has been asked yet: the devices' addresses may be of the one before. */
  readonly isUncertain: () => boolean;
  /** Whether the network gives IPv4 to any device. */
  readonly ipv4Offered: () => boolean;
  /** Whether IPv6 clients are to reach the device as a whole. */
  readonly isOpen6: (device: Device) => boolean;
  /** Whether there may be such devices at all. */
  readonly opensAny: () => boolean;
  /** DHCPv4 of a device: see what the servers make of its lease. */
  readonly verify4: (mac: Mac) => void;
  /** DHCPv4 of a device: begin anew. */
  readonly retry4: (mac: Mac) => void;
  /** Asks for a pass over everything. */
  readonly request: () => void;
  /** What is wrong, in a sentence; undefined: nothing. */
  readonly onTrouble: (sentence: string | undefined) => void;
  /** The same of what IPv6 clients need. */
  readonly onMissing: (sentence: string | undefined) => void;
}

type DeviceState = "ipv6" | "rests" | "translated";

function statesOf(device: Device): readonly DeviceState[] {
  const states: DeviceState[] = [];
  if (device.ipv6.installed) states.push("ipv6");
  if (restsFromIpv4(device)) states.push("rests");
  if (device.nat64) states.push("translated");
  return states;
}

type State =
  | { readonly tag: "off" }
  | { readonly tag: "on"; readonly nat64: Cidr6 }
  /** The translator ends; then the interface goes. */
  | { readonly tag: "ending" };

export class Xlat {
  readonly #parts: XlatParts;
  readonly #finder: Nat64Finder;
  readonly #v6Only: V6Only;
  readonly #inbound: InboundNeed;
  /** What holds for some device, counted, so that a look need not go through all. */
  readonly #found = new Tally<DeviceState>();
  #state: State = { tag: "off" };
  /** Until the network has stayed so for a while. */
  #wait: Cancel | undefined;
  /** Since when it is as it would have to be, while it is. */
  #neededSince: Instant | undefined;
  /** Whether the devices had IPv6 when it became uncertain which network this is, or the gateway began. */
  #hadIpv6 = true;
  #wasUncertain = false;
  /** The NAT64 for which the translator was looked for, and whether it is there. */
  #ready = { nat64: "", isThere: false };
  #resolvers: readonly string[] = [];
  #stopped = false;
  /** What an earlier run had going is kept until then. */
  #keptUntil: Instant = instant(0);
  #told: string | undefined;

  constructor(parts: XlatParts) {
    this.#parts = parts;
    this.#finder = new Nat64Finder({ ...parts, onChange: () => this.look() });
    this.#inbound = new InboundNeed(parts, (isOn) => {
      if (isOn || this.#state.tag === "on") parts.request();
      else void this.#finish();
    });
    this.#v6Only = new V6Only({
      ...parts,
      isTranslatable: (device) => this.#isTranslatable(device),
      verify: parts.verify4,
      retry: parts.retry4,
    });
    parts.registry.listen((now, was) => {
      for (const state of now ? statesOf(now) : []) this.#found.add(state, 1);
      for (const state of was ? statesOf(was) : []) this.#found.add(state, -1);
      if (now) this.#consider(now, was);
      else if (was) this.#v6Only.forget(was.mac);
    });
  }

  /** What an earlier run translated by goes on, until it is known whether that still holds; where it cannot, its program ends. */
  adopt(resources: readonly Resource[]): void {
    const { translator } = this.#parts;
    const isThere = resources.some(({ kind }) => kind === "tunnel");
    const element = resources.find((r): r is Element => r.kind === "element" && r.set === "nat64");
    const nat64 = perhaps(parseCidr6(element?.key ?? ""));
    if (isThere && !translator.medium && resources.some((r) => r.kind === "element" && r.set === "open6"))
      this.#inbound.adopt();
    if (!isThere || !nat64 || this.#parts.config.xlat464.mode === "off") {
      if (!this.#inbound.isOn) void translator.stop();
      return;
    }
    this.#keptUntil = plus(this.#parts.clock.now(), adoption);
    this.#state = { tag: "on", nat64 };
    this.#markAll();
  }

  /** What is known of the network's NAT64, whether it is used or not. */
  get nat64(): Nat64 {
    const { config, network6 } = this.#parts;
    return chooseNat64(config.xlat464.prefix, network6().pref64, this.#finder.prefixes);
  }

  /** Whether the device's IPv4 could go by the translator: a host may tell the network then that it can do without (RFC 8925). */
  isAvailableTo(mac: Mac): boolean {
    return this.#v6Only.has(mac);
  }

  /** For the plan; while the translator ends, nothing leads to it any more. */
  get plan(): TranslationPlan | undefined {
    const settings = this.#settings;
    if (!settings) return undefined;
    const { mtu } = this.#parts.network6();
    const { medium } = this.#parts.translator;
    return { ...settings, ...(mtu ? { mtu } : {}), ...(medium ? { medium } : {}) };
  }

  /** The network's name servers, as the host asks them. */
  resolvers(servers: readonly string[]): void {
    this.#resolvers = servers.filter((server) => server.includes(":"));
    this.look();
  }

  /** Something that it depends on may be different. */
  look(): void {
    if (this.#stopped) return;
    this.#ask();
    if (this.#state.tag !== "ending") void this.#inbound.look();
    void this.#prepare();
    this.#count();
    const prefix = this.#wanted();
    this.#doubt();
    if (prefix || this.#isRefuted) this.#letGo();
    if (this.#state.tag === "ending") return;
    if (this.#isKept) this.#lookLater();
    else this.#weigh(prefix);
  }

  #weigh(prefix: Cidr6 | undefined): void {
    if (this.#state.tag === "on" && prefix) this.#use(prefix);
    this.#wait?.();
    this.#wait = undefined;
    const due = this.#dueAt(prefix);
    if (due !== undefined) this.#wait = this.#parts.clock.at(due, () => void this.#settled());
  }

  /** The interface is there: the translator may use it. */
  passed({ desired, failures }: Pass): void {
    const tunnel = desired.get(`tunnel ${translatorName}`);
    const failed = failures.some(({ key }) => key === `tunnel ${translatorName}`);
    const settings = this.#settings;
    if (settings && tunnel?.kind === "tunnel" && !failed)
      void this.#parts.translator.run({ lan: this.#lan, ...settings }, tunnel.mtu);
    this.look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wait?.();
    this.#v6Only.stop();
    this.#inbound.stop();
    this.#finder.stop();
    await this.#parts.translator.leave();
  }

  /** What the translator is needed for now. */
  get #settings(): Pick<TranslationPlan, "nat64" | "clients"> | undefined {
    const nat64 = this.#state.tag === "on" ? { nat64: this.#state.nat64 } : {};
    const clients = this.#inbound.isOn ? { clients: this.#parts.config.forwards.clients } : {};
    if (this.#state.tag === "ending" || (this.#state.tag === "off" && !this.#inbound.isOn)) return undefined;
    return { ...nat64, ...clients };
  }

  get #lan() {
    const { ip, length } = this.#parts.config.lan.address;
    return networkOf(ip, length);
  }

  /** Name servers are asked where it matters and no router tells, of a prefix that the operator gave as well: it may be wrong. */
  #ask(): void {
    const { network6, isUncertain } = this.#parts;
    const told = network6().pref64.length > 0;
    const uncertain = isUncertain();
    if (uncertain && !this.#wasUncertain) this.#hadIpv6 = this.#hasIpv6;
    this.#wasUncertain = uncertain;
    this.#finder.hold(uncertain);
    this.#finder.ask(this.#isNeeded && !told ? this.#resolvers : [], this.#hadIpv6 ? settling : briefly);
  }

  /** Whether the network gives IPv6 that works, and no IPv4, or prefers that some do without. */
  get #isNeeded(): boolean {
    const { config, ipv4Offered } = this.#parts;
    if (config.xlat464.mode === "off" || (ipv4Offered() && !this.#someRest)) return false;
    return this.#hasIpv6;
  }

  get #hasIpv6(): boolean {
    return this.#found.has("ipv6");
  }

  get #someRest(): boolean {
    return this.#found.has("rests");
  }

  get #someTranslated(): boolean {
    return this.#found.has("translated");
  }

  /** Time before the devices have asked in this network tells nothing of it. */
  #count(): void {
    const { clock, isUncertain } = this.#parts;
    if ((this.#state.tag === "on") === this.#isNeeded || isUncertain()) this.#neededSince = undefined;
    else this.#neededSince ??= clock.now();
  }

  /** The program is looked for before a device relies on it. */
  async #prepare(): Promise<void> {
    const { config, translator } = this.#parts;
    const nat64 = config.xlat464.mode === "off" ? "" : this.nat64.prefixes.map(formatCidr6).join();
    if (nat64 === this.#ready.nat64) return;
    this.#ready = { nat64, isThere: nat64 !== "" && this.#ready.isThere };
    const missing = nat64 === "" ? "no NAT64" : await translator.missing("devices");
    if (this.#stopped || this.#ready.nat64 !== nat64) return;
    this.#ready = { nat64, isThere: missing === undefined };
    this.#lookAt108();
  }

  /** The prefix to translate by, where that is needed. */
  #wanted(): Cidr6 | undefined {
    return this.#isNeeded ? this.nat64.prefixes[0] : undefined;
  }

  /** When to begin or end, should all stay as it is; undefined: all is as it should be, or nobody knows what that is. */
  #dueAt(prefix: Cidr6 | undefined): Instant | undefined {
    const isOn = this.#state.tag === "on";
    if (isOn === (prefix !== undefined)) return undefined;
    if (isOn && this.#isNeeded) return this.#parts.clock.now();
    const since = this.#neededSince;
    return since === undefined ? undefined : plus(since, isOn ? this.#patienceOn() : this.#patienceOff());
  }

  /** Nobody waits without a NAT64, nor when every device has its IPv4. */
  #patienceOn(): Duration {
    return this.#someTranslated && this.nat64.prefixes.length > 0 ? settling : zero;
  }

  /** Without DHCPv4 there is nothing to wait for, nor where the network has said that it prefers this. */
  #patienceOff(): Duration {
    return this.#parts.config.dhcpv4.enabled && !this.#someRest ? settling : zero;
  }

  async #settled(): Promise<void> {
    this.#wait = undefined;
    const prefix = this.#wanted();
    if (this.#state.tag === "on" && !prefix) return this.#end();
    if (this.#state.tag !== "off" || !prefix) return;
    const missing = await this.#parts.translator.missing("devices");
    this.#tell(missing && `The network has no IPv4, and the devices' IPv4 cannot be translated: ${missing}.`);
    // Not looked for again at every turn.
    if (missing !== undefined) this.#neededSince = this.#parts.clock.now();
    else if (!this.#stopped && this.#state.tag === "off") this.#begin(prefix);
  }

  #begin(prefix: Cidr6): void {
    this.#parts.log.info(`464XLAT: the devices' IPv4 goes by NAT64 ${formatCidr6(prefix)}`);
    this.#use(prefix);
  }

  #use(nat64: Cidr6): void {
    const was = this.#state.tag === "on" ? formatCidr6(this.#state.nat64) : "";
    if (was === formatCidr6(nat64)) return;
    this.#state = { tag: "on", nat64 };
    if (formatCidr6(nat64) === formatCidr6(wellKnownPrefix))
      this.#parts.log.warn(
        `464XLAT: ${formatCidr6(nat64)} carries no private IPv4 addresses, 10.0.0.0/8 among them (RFC 6052 section 3.1); devices reach public ones only`,
      );
    this.#markAll();
    this.#parts.request();
  }

  async #end(): Promise<void> {
    this.#parts.log.info("464XLAT: the devices' IPv4 is not translated any more");
    this.#tell(undefined);
    if (!this.#inbound.isOn) return this.#finish();
    this.#state = { tag: "off" };
    this.#markAll();
    this.#parts.request();
  }

  async #finish(): Promise<void> {
    this.#state = { tag: "ending" };
    this.#markAll();
    await this.#parts.translator.stop();
    this.#state = { tag: "off" };
    this.#parts.request();
    this.look();
  }

  /** Of an earlier run, and neither confirmed nor refuted yet. */
  get #isKept(): boolean {
    return this.#parts.clock.now() < this.#keptUntil;
  }

  /** The network has IPv4: those who are still translated have had time to get theirs, or to be told to do without. */
  get #isRefuted(): boolean {
    const { clock, ipv4Offered } = this.#parts;
    const since = this.#neededSince;
    if (!ipv4Offered() || this.#someRest) return false;
    return !this.#someTranslated || (since !== undefined && clock.now() >= plus(since, settlingAtStart));
  }

  #lookLater(): void {
    const { clock } = this.#parts;
    const at = plus(this.#neededSince ?? clock.now(), settlingAtStart);
    this.#wait?.();
    this.#wait = at > clock.now() ? clock.at(at, () => this.look()) : undefined;
  }

  #letGo(): void {
    if (!this.#isKept) return;
    this.#keptUntil = instant(0);
    this.#markAll();
    this.#lookAt108();
  }

  #lookAt108(): void {
    for (const device of this.#parts.registry.all()) this.#v6Only.look(device);
  }

  #markAll(): void {
    for (const device of this.#parts.registry.all()) this.#mark(device);
  }

  #consider(device: Device, was: Device | undefined): void {
    this.#mark(device);
    this.#v6Only.look(device);
    if (restsFromIpv4(device) && !(was && restsFromIpv4(was))) this.look();
  }

  /** Whether it could be, whatever there is of IPv4. */
  #isTranslatable(device: Device): boolean {
    const { config } = this.#parts;
    if (config.xlat464.mode === "off" || !config.dhcpv4.ipv6_only_preferred) return false;
    if (this.#isExcluded(device.mac)) return false;
    return this.#isKept || (this.#ready.isThere && device.ipv6.installed);
  }

  #mark(device: Device): void {
    const nat64 = this.#nat64Of(device);
    const same =
      nat64 && device.nat64 ? formatCidr6(nat64) === formatCidr6(device.nat64) : nat64 === device.nat64;
    if (same) return;
    const { nat64: _before, ...rest } = device;
    this.#parts.registry.put(nat64 ? { ...rest, nat64 } : rest);
  }

  #nat64Of(device: Device): Cidr6 | undefined {
    if (this.#state.tag !== "on" || leaseOf(device)) return undefined;
    if (!device.ipv6.installed && !this.#isKept) return undefined;
    return this.#isExcluded(device.mac) ? undefined : this.#state.nat64;
  }

  #isExcluded(mac: Mac): boolean {
    return matchesAny(this.#parts.config.xlat464.exclude, mac);
  }

  #doubt(): void {
    const { config, network6 } = this.#parts;
    if (this.#state.tag === "on")
      this.#tell(doubtOf(config.xlat464.prefix, network6().pref64, this.#finder.prefixes));
  }

  #tell(sentence: string | undefined): void {
    if (sentence === this.#told) return;
    this.#told = sentence;
    if (sentence) this.#parts.log.warn(sentence);
    this.#parts.onTrouble(sentence);
  }
}
