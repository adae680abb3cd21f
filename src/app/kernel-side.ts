/** What the kernel should carry, from all that is known; and what it carries, told to those concerned. */
import { type Ip4, parseIp4 } from "../base/ip4.ts";
import { type Ip6, isLinkLocal, parseIp6 } from "../base/ip6.ts";
import type { Mac } from "../base/mac.ts";
import { must, type Parsed } from "../base/parsed.ts";
import { instant, plus, seconds } from "../base/time.ts";
import type { Config } from "../config/schema.ts";
import type { DevicePlan, Surroundings } from "../plan/desired.ts";
import type { Address6Fact } from "../plan/desired6.ts";
import { proxyDevices, type ReachableDevice } from "../plan/forwards.ts";
import { addressesOf } from "../plan/identity6.ts";
import { identityMac, identityName } from "../plan/marks.ts";
import type { Observed } from "../plan/observe.ts";
import { originOf } from "../plan/observe6.ts";
import type { ProxyChanges, ProxyDesired, ProxyDevice } from "../plan/proxy.ts";
import { type Resource, type ResourceMap, resourceKey } from "../plan/resource.ts";
import type { RulesetInput } from "../plan/ruleset.ts";
import type { TranslationPlan } from "../plan/translation.ts";
import type { Clock } from "../ports/clock.ts";
import type { Kernel, KernelEvent } from "../ports/kernel.ts";
import type { Log } from "../ports/log.ts";
import { type Device, hasIdentity, lease6Of, leaseOf } from "./devices/device.ts";
import { Lending } from "./devices/lending.ts";
import { devicePlan, resolvers } from "./devices/plan-input.ts";
import { ipv6Plan, ownAddresses6 } from "./devices/plan-input6.ts";
import type { Progress } from "./devices/progress.ts";
import type { Registry } from "./devices/registry.ts";
import type { AddressedDevice, Forwards, OwnAddresses } from "./forwards/forwards.ts";
import { Blueprint, type DevicePart, type Lenders, type PartialPlan } from "./reconcile/blueprint.ts";
import { outcomeOf } from "./reconcile/outcome.ts";
import { type Pass, Reconciler } from "./reconcile/reconciler.ts";
import type { World } from "./reconcile/world.ts";
import type { Confirmation } from "./uplink6/confirmations.ts";
import { type Network6, unwantedPrefixes } from "./uplink6/network.ts";

export interface KernelSideParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly kernel: Kernel;
  readonly registry: Registry;
  readonly progress: Progress;
  readonly ruleset: RulesetInput;
  /** MACs of the IPv4 routers. */
  readonly routers: () => ReadonlyMap<Ip4, Mac>;
  readonly network6: () => Network6;
  /** While the devices' IPv4 is translated. */
  readonly translation: () => TranslationPlan | undefined;
  readonly identityUp: (device: Device) => void;
  /** The kernel's IPv6 addresses of an identity, after each look. */
  readonly addresses6: (mac: Mac, facts: readonly Address6Fact[]) => void;
  /** Whether the network answers the device on IPv6. */
  readonly confirmation6: (mac: Mac) => Confirmation;
  /** The kernel found another station with an address of the identity. */
  readonly duplicate: (mac: Mac, ip: Ip6) => void;
  readonly forwards: Pick<
    Forwards,
    "plan" | "planOne" | "reachable" | "elements" | "commonElements" | "proxyDesired" | "isOpen6"
  >;
  /** What the IPv6 proxy is to do, at each whole pass, */
  readonly onProxy: (desired: ProxyDesired) => void;
  /** and at each pass for a few devices. */
  readonly onProxyChange: (devices: ProxyChanges) => void;
  /** Name servers for the LAN, best first, link-local ones with their interface. */
  readonly onResolvers: (servers: readonly string[]) => void;
  /** Before what each pass wants is carried out. */
  readonly onPlan: (plan: Pick<Pass, "desired" | "macs">) => void;
  /** After each pass. */
  readonly onPass: (pass: Pass) => void;
}

/** After a start every router has answered a solicitation by then. */
const routersHaveSpoken = seconds(30);
const noFacts: readonly Address6Fact[] = [];

export class KernelSide {
  readonly #parts: KernelSideParts;
  readonly reconciler: Reconciler;
  readonly #blueprint: Blueprint;
  readonly #lending: Lending;
  #observed: Observed | undefined;
  #keepUntil = instant(0);

  constructor(parts: KernelSideParts) {
    this.#parts = parts;
    const { kernel, clock, log, ruleset, config, registry } = parts;
    this.#blueprint = new Blueprint({ ...ruleset, lan: config.lan.address });
    this.#lending = new Lending(registry, parts.network6);
    this.reconciler = new Reconciler({
      kernel,
      clock,
      log,
      ruleset,
      desire: (observed) => this.#desire(observed),
      foresee: (observed) => this.#foresee(observed),
      desireSome: (macs, world) => this.#desireSome(macs, world),
      onPass: (pass) => this.#passed(pass),
    });
    registry.listen((now, was) => {
      if (concernsKernel(now, was) || this.#mayLend(now, was)) this.reconciler.request((now ?? was)?.mac);
    });
  }

  /** Whether the gateway's own IPv4 traffic has an identity to leave by. */
  get lends4(): boolean {
    return this.#lending.ipv4 !== undefined;
  }

  /** What was there at the last look. */
  get observed(): Observed | undefined {
    return this.#observed;
  }

  /** Whether an address that works now, or does no more, may change whose identity the gateway's own traffic uses; the device's own plan does not hang on it. */
  #mayLend(now: Device | undefined, was: Device | undefined): boolean {
    return (["ipv4", "ipv6"] as const).some((family) => {
      const lends = this.#lending[family];
      return (
        now?.[family].installed !== was?.[family].installed && (lends === undefined || lends === now?.mac)
      );
    });
  }

  /** What was there before the first pass. */
  begin(observed: Observed): void {
    this.#observed = observed;
    this.#keepUntil = plus(this.#parts.clock.now(), routersHaveSpoken);
  }

  /** An IPv6 address of an identity came through its check, or did not: that is awaited. */
  kernelEvent(event: KernelEvent): void {
    const mac = event.kind === "address" && event.family === 6 ? identityMac(event.ifname) : undefined;
    if (!mac || event.kind !== "address") {
      if (!this.reconciler.isOwnDoing(event)) this.reconciler.suspect();
      if (event.kind === "resync") this.#readEach();
      return;
    }
    // Each router advertisement tells of every address anew.
    const facts = this.#observed?.addresses6.get(event.ifname) ?? noFacts;
    const { length, made, gone, state } = event;
    const known = facts.some((fact) => fact.ip === event.ip && fact.state === state);
    if (known && !gone && state !== "duplicate") return;
    const ip = must(parseIp6(event.ip));
    if (gone ? this.#hasIdentity(mac) : !known)
      this.reconciler.told6(mac, { ip, length, origin: originOf(ip, length, made), state }, gone);
    // The device may ask DHCPv6 servers from now on; with a thousand others the look at it comes seconds later.
    if (!gone && !known && state === "usable") this.#linkLocalUsable(mac, ip);
    if (state === "duplicate") this.#parts.duplicate(mac, ip);
  }

  /** With an identity that is wanted no more its addresses go as well. */
  #hasIdentity(mac: Mac): boolean {
    const device = this.#parts.registry.get(mac);
    return device !== undefined && hasIdentity(device);
  }

  #linkLocalUsable(mac: Mac, ip: Ip6): void {
    if (!isLinkLocal(ip)) return;
    const others = (this.#observed?.addresses6.get(identityName(mac)) ?? noFacts).filter((f) => f.ip !== ip);
    this.#parts.addresses6(mac, [...others, { ip, length: 64, origin: "link-local", state: "usable" }]);
  }

  /** Something that concerns all devices changed, and nothing else: passes for few at a time, without a look at the whole kernel. */
  requestEach(): void {
    for (const { mac } of this.#parts.registry.all()) this.reconciler.request(mac);
  }

  /** Events were lost: what waits for them is not to wait for the look at everything. */
  #readEach(): void {
    for (const { mac } of this.#parts.registry.all()) this.reconciler.read(mac);
  }

  #desire(observed: Observed): ResourceMap {
    this.#observed = observed;
    const { forwards, onProxy, onPlan } = this.#parts;
    const { plans, addressed, own } = this.#devices(observed);
    const reachable = forwards.plan(addressed, own);
    onProxy(forwards.proxyDesired(reachable));
    const desired = this.#whole(observed, plans, reachable, this.#blueprint, this.#lending);
    onPlan({ desired });
    return desired;
  }

  /** On paper of its own: what is known of the last pass must stay. */
  #foresee(observed: Observed): ResourceMap {
    const { ruleset, config, registry, network6, forwards } = this.#parts;
    const { plans, addressed, own } = this.#devices(observed);
    const blueprint = new Blueprint({ ...ruleset, lan: config.lan.address });
    const lending = new Lending(registry, network6);
    lending.ipv4 = this.#lending.ipv4;
    lending.ipv6 = this.#lending.ipv6;
    return this.#whole(observed, plans, forwards.reachable(addressed, own), blueprint, lending);
  }

  #devices(observed: Observed) {
    const { config, registry } = this.#parts;
    const planned = registry
      .all()
      .filter(hasIdentity)
      .map((device) => this.#planOf(device, observed));
    const own = config.wan.own_mac === "use" ? ownAddresses(observed, config.wan.interface) : noAddresses;
    return {
      plans: planned.map(({ plan }) => plan),
      addressed: planned.map(({ addressed }) => addressed),
      own,
    };
  }

  #whole(
    observed: Observed,
    plans: readonly DevicePlan[],
    reachable: readonly ReachableDevice[],
    blueprint: Blueprint,
    lending: Lending,
  ): ResourceMap {
    const { forwards } = this.#parts;
    const inbound = new Map(reachable.map((one) => [one.mac, forwards.elements(one)]));
    const parts = plans.map((plan): DevicePart => ({ plan, inbound: inbound.get(plan.mac) ?? [] }));
    lending.choose();
    const lenders = this.#lenders(observed, lending);
    const common = forwards.commonElements();
    const desired = blueprint.whole(parts, lenders, this.#around(observed, lenders), common);
    this.#keepFound(observed.resources, desired);
    return desired;
  }

  /** Where the WAN port stands for a device, that may be another one after any change. */
  #desireSome(macs: ReadonlySet<Mac>, world: World): PartialPlan | undefined {
    const { config, registry, forwards, onProxyChange, onPlan } = this.#parts;
    if (config.wan.own_mac === "use") return undefined;
    const changed = new Map<Mac, DevicePart | undefined>();
    const proxied = new Map<Mac, ProxyDevice | undefined>();
    for (const mac of macs) {
      const device = registry.get(mac);
      const planned = device && hasIdentity(device) ? this.#planOf(device, world) : undefined;
      const reachable = planned && forwards.planOne(planned.addressed);
      const inbound = reachable ? forwards.elements(reachable) : [];
      changed.set(mac, planned && { plan: planned.plan, inbound });
      proxied.set(mac, reachable && proxyDevices([reachable])[0]);
    }
    onProxyChange(proxied);
    this.#lending.keep(macs);
    const lenders = this.#lenders(world);
    const plan = this.#blueprint.some(changed, lenders, this.#around(world, lenders));
    this.#keepFound(world.of([...macs].map(identityName), plan.former), plan.desired);
    onPlan({ desired: plan.desired, macs });
    return plan;
  }

  #planOf(device: Device, { addresses6 }: Observed): { plan: DevicePlan; addressed: AddressedDevice } {
    const facts = addresses6.get(identityName(device.mac)) ?? noFacts;
    const unwanted = unwantedPrefixes(this.#parts.network6());
    const ipv6 = ipv6Plan(device, facts, unwanted, this.#parts.clock.now());
    const open = this.#parts.forwards.isOpen6(device) ? { open: true } : {};
    const plan = { ...devicePlan(device), ipv6, ...open };
    const there = new Set(
      facts.filter(({ state }) => state === "usable" || state === "deprecated").map(({ ip }) => ip),
    );
    const addresses4 = plan.ipv4 ? [plan.ipv4.address] : [];
    return {
      plan,
      addressed: { device, addresses4, addresses6: addressesOf(ipv6).filter((ip) => there.has(ip)) },
    };
  }

  /** Whose identities the gateway's own traffic uses: where the WAN port is a host of its own, nobody's. */
  #lenders(observed: Observed, lending: Lending = this.#lending): Lenders {
    const { config, registry } = this.#parts;
    if (config.wan.own_mac !== "silent") return {};
    const planOf = (mac: Mac | undefined): DevicePlan | undefined => {
      const device = mac && registry.get(mac);
      return device && this.#planOf(device, observed).plan;
    };
    return { lender: planOf(lending.ipv4), lender6: planOf(lending.ipv6) };
  }

  #around(observed: Observed, { lender, lender6 }: Lenders): Surroundings {
    const { lan, wan } = this.#parts.config;
    const translation = this.#parts.translation();
    return {
      wanMtu: observed.ports.get(wan.interface)?.mtu ?? 1500,
      neighbours: this.#parts.routers(),
      lanAddressPresent: observed.foreignAddresses.has(
        `${lan.interface} ${lan.address.ip}/${lan.address.length}`,
      ),
      addresses6: observed.addresses6,
      network6: this.#parts.network6(),
      ...(lender ? { borrowed: lender.mac } : {}),
      ...(lender6 ? { borrowed6: lender6.mac } : {}),
      ...(translation ? { translation } : {}),
    };
  }

  /** Until the first router speaks after a start, the ways that an earlier run laid for IPv6 are good. */
  #keepFound(resources: readonly Resource[], desired: Map<string, Resource>): void {
    if (this.#parts.network6().heard || this.#parts.clock.now() >= this.#keepUntil) return;
    for (const r of resources) {
      const way = r.kind === "route6" || r.kind === "rule6" || r.kind === "neighbour6";
      if (way && !desired.has(resourceKey(r))) desired.set(resourceKey(r), r);
    }
  }

  #passed(pass: Pass): void {
    const { registry, progress, identityUp, addresses6, confirmation6 } = this.#parts;
    const { desired, observed, macs } = pass;
    this.#observed = observed;
    const { present, complete } = outcomeOf(pass);
    const unwanted = unwantedPrefixes(this.#parts.network6());
    for (const mac of macs ?? registry.all().map((device) => device.mac)) {
      const ifname = identityName(mac);
      if (!desired.has(`identity ${ifname}`) || !present(ifname)) continue;
      const device = registry.get(mac);
      if (!device) continue;
      identityUp(device);
      const lease = leaseOf(device);
      const carried = lease && desired.has(`address ${ifname} ${lease.address}`) && complete(ifname);
      if (carried) progress.installed(device);
      const facts = observed.addresses6.get(ifname) ?? noFacts;
      addresses6(mac, facts);
      progress.found6(mac, ownAddresses6(facts, unwanted), complete(ifname), confirmation6(mac));
    }
    if (!macs || [this.#lending.ipv4, this.#lending.ipv6].some((mac) => mac && macs.has(mac)))
      this.#shareResolvers();
    this.#parts.onPass(pass);
  }

  #shareResolvers(): void {
    const { registry, network6, onResolvers } = this.#parts;
    const devices = registry.all();
    const network = network6();
    const via = this.#lending.ipv6;
    const advertised = via ? network.rdnss : [];
    const scoped = advertised.map((ip) => (isLinkLocal(ip) ? `${ip}%${identityName(via as Mac)}` : ip));
    const servers = resolvers(devices, via, scoped);
    if (servers.length > 0) onResolvers(servers);
  }
}

const noAddresses: OwnAddresses = { addresses4: [], addresses6: [] };

/** Those beyond the link of a port that is a host of its own. */
function ownAddresses({ foreignAddresses }: Observed, wanPort: string): OwnAddresses {
  const texts = [...foreignAddresses].flatMap((entry) => {
    const [ifname, address = ""] = entry.split(" ");
    return ifname === wanPort ? [address.split("/")[0] ?? ""] : [];
  });
  return {
    addresses4: texts.flatMap((text) => valuesOf(parseIp4(text))),
    addresses6: texts.flatMap((text) => valuesOf(parseIp6(text))).filter((ip) => !isLinkLocal(ip)),
  };
}

const valuesOf = <T>(parsed: Parsed<T>): T[] => (parsed.ok ? [parsed.value] : []);

/** Whether what of a device concerns the kernel is different; the rest of it may change without a pass. */
function concernsKernel(now: Device | undefined, was: Device | undefined): boolean {
  const isThere = now !== undefined && hasIdentity(now);
  if (!isThere || !was || !hasIdentity(was)) return isThere !== (was !== undefined && hasIdentity(was));
  if (now.lanIp !== was.lanIp || (now.nat64 === undefined) !== (was.nat64 === undefined)) return true;
  if (now.ipv4.dhcp === was.ipv4.dhcp && now.ipv6.dhcp === was.ipv6.dhcp) return false;
  return planText(now) !== planText(was);
}

const planText = (device: Device): string =>
  JSON.stringify([devicePlan(device), lease6Of(device)?.addresses ?? []]);
