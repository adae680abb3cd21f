/** What the kernel should carry, from all that is known; and what it carries, told to those concerned. */
import { type Ip4, parseIp4 } from "../base/ip4.ts";
import { type Ip6, isLinkLocal, parseIp6 } from "../base/ip6.ts";
import type { Mac } from "../base/mac.ts";
import { must, type Parsed } from "../base/parsed.ts";
import { instant, plus, seconds } from "../base/time.ts";
import type { Config } from "../config/schema.ts";
import { type DevicePlan, planDesired } from "../plan/desired.ts";
import type { Address6Fact } from "../plan/desired6.ts";
import { addressesOf } from "../plan/identity6.ts";
import { identityMac, identityName } from "../plan/marks.ts";
import type { Observed } from "../plan/observe.ts";
import type { ProxyDesired } from "../plan/proxy.ts";
import { type Element, type Resource, type ResourceMap, resourceKey } from "../plan/resource.ts";
import type { RulesetInput } from "../plan/ruleset.ts";
import type { Clock } from "../ports/clock.ts";
import type { Kernel, KernelEvent } from "../ports/kernel.ts";
import type { Log } from "../ports/log.ts";
import { type Device, hasIdentity, leaseOf } from "./devices/device.ts";
import { devicePlan, lender, resolvers } from "./devices/plan-input.ts";
import { ipv6Plan, lender6, ownAddresses6 } from "./devices/plan-input6.ts";
import type { Progress } from "./devices/progress.ts";
import type { Registry } from "./devices/registry.ts";
import type { Forwards } from "./forwards/forwards.ts";
import { outcomeOf } from "./reconcile/outcome.ts";
import { type Pass, Reconciler } from "./reconcile/reconciler.ts";
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
  readonly identityUp: (device: Device) => void;
  /** The kernel's IPv6 addresses of an identity, after each look. */
  readonly addresses6: (mac: Mac, facts: readonly Address6Fact[]) => void;
  /** Whether the network answers the device on IPv6. */
  readonly confirmation6: (mac: Mac) => Confirmation;
  /** The kernel found another station with an address of the identity. */
  readonly duplicate: (mac: Mac, ip: Ip6) => void;
  readonly forwards: Pick<Forwards, "plan" | "elements" | "proxyDesired">;
  /** What the IPv6 proxy is to do, at each pass. */
  readonly onProxy: (desired: ProxyDesired) => void;
  /** Name servers for the LAN, best first, link-local ones with their interface. */
  readonly onResolvers: (servers: readonly string[]) => void;
  /** After each pass. */
  readonly onPass: () => void;
}

/** After a start every router has answered a solicitation by then. */
const routersHaveSpoken = seconds(30);
const noFacts: readonly Address6Fact[] = [];

export class KernelSide {
  readonly #parts: KernelSideParts;
  readonly reconciler: Reconciler;
  #observed: Observed | undefined;
  #keepUntil = instant(0);

  constructor(parts: KernelSideParts) {
    this.#parts = parts;
    const { kernel, clock, log, ruleset } = parts;
    this.reconciler = new Reconciler({
      kernel,
      clock,
      log,
      ruleset,
      desire: (observed) => this.#desire(observed),
      onPass: (pass) => this.#passed(pass),
    });
    parts.registry.listen((now, was) => {
      if (planText(now) !== planText(was)) this.reconciler.request();
    });
  }

  /** What was there at the last look. */
  get observed(): Observed | undefined {
    return this.#observed;
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
      this.reconciler.suspect();
      return;
    }
    // Each router advertisement tells of every address anew.
    const facts = this.#observed?.addresses6.get(event.ifname) ?? noFacts;
    const known = facts.some((fact) => fact.ip === event.ip && fact.state === event.state);
    if (event.gone || !known) this.reconciler.request();
    if (event.state === "duplicate") this.#parts.duplicate(mac, must(parseIp6(event.ip)));
  }

  #desire(observed: Observed): ResourceMap {
    this.#observed = observed;
    const { config, registry, ruleset, clock } = this.#parts;
    const { lan, wan } = config;
    const devices = registry.all();
    const silent = wan.own_mac === "silent";
    const borrowed = silent ? lender(devices) : undefined;
    const network6 = this.#parts.network6();
    const unwanted = unwantedPrefixes(network6);
    const borrowed6 = silent ? lender6(devices, network6) : undefined;
    const plans = devices.filter(hasIdentity).map((device) => {
      const facts = observed.addresses6.get(identityName(device.mac)) ?? noFacts;
      return { ...devicePlan(device), ipv6: ipv6Plan(device, facts, unwanted, clock.now()) };
    });
    const inbound = this.#planInbound(observed, plans);
    const desired = planDesired({ ...ruleset, lan: lan.address }, plans, {
      wanMtu: observed.ports.get(wan.interface)?.mtu ?? 1500,
      neighbours: this.#parts.routers(),
      lanAddressPresent: observed.foreignAddresses.has(
        `${lan.interface} ${lan.address.ip}/${lan.address.length}`,
      ),
      addresses6: observed.addresses6,
      network6,
      inbound,
      ...(borrowed ? { borrowed } : {}),
      ...(borrowed6 ? { borrowed6 } : {}),
    });
    if (!network6.heard) this.#keepFound(observed, desired);
    return desired;
  }

  /** What leads to the devices, in the kernel and by the proxy. */
  #planInbound(observed: Observed, plans: readonly DevicePlan[]): Element[] {
    const { forwards, onProxy, registry, config } = this.#parts;
    const devices = plans.flatMap(({ mac, ipv4, ipv6 }) => {
      const device = registry.get(mac);
      const there = new Set(
        (observed.addresses6.get(identityName(mac)) ?? noFacts)
          .filter(({ state }) => state === "usable" || state === "deprecated")
          .map(({ ip }) => ip),
      );
      const addresses6 = ipv6 ? addressesOf(ipv6).filter((ip) => there.has(ip)) : [];
      return device ? [{ device, addresses4: ipv4 ? [ipv4.address] : [], addresses6 }] : [];
    });
    const own = config.wan.own_mac === "use" ? ownAddresses(observed, config.wan.interface) : noAddresses;
    const reachable = forwards.plan(devices, own);
    onProxy(forwards.proxyDesired(reachable));
    return forwards.elements(reachable);
  }

  /** Until the first router speaks after a start, the ways that an earlier run laid for IPv6 are good. */
  #keepFound({ resources }: Observed, desired: Map<string, Resource>): void {
    if (this.#parts.clock.now() >= this.#keepUntil) return;
    for (const r of resources) {
      const way = r.kind === "route6" || r.kind === "rule6" || r.kind === "neighbour6";
      if (way && !desired.has(resourceKey(r))) desired.set(resourceKey(r), r);
    }
  }

  #passed(pass: Pass): void {
    const { registry, progress, identityUp, addresses6, confirmation6 } = this.#parts;
    const { desired, observed } = pass;
    const { present, complete } = outcomeOf(pass);
    const unwanted = unwantedPrefixes(this.#parts.network6());
    for (const { mac } of registry.all()) {
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
    this.#shareResolvers();
    this.#parts.onPass();
  }

  #shareResolvers(): void {
    const { registry, network6, onResolvers } = this.#parts;
    const devices = registry.all();
    const network = network6();
    const via = lender6(devices, network);
    const advertised = via ? network.rdnss : [];
    const scoped = advertised.map((ip) => (isLinkLocal(ip) ? `${ip}%${identityName(via as Mac)}` : ip));
    const servers = resolvers(devices, via, scoped);
    if (servers.length > 0) onResolvers(servers);
  }
}

const noAddresses = { addresses4: [], addresses6: [] };

/** Those beyond the link of a port that is a host of its own. */
function ownAddresses(
  { foreignAddresses }: Observed,
  wanPort: string,
): { addresses4: Ip4[]; addresses6: Ip6[] } {
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

/** What of a device concerns the kernel; the rest of it may change without a pass. */
function planText(device: Device | undefined): string {
  if (!device || !hasIdentity(device)) return "";
  const { ipv4, ipv6 } = device;
  const leased6 = ipv6.dhcp.tag === "leased" ? ipv6.dhcp.lease.addresses : [];
  return JSON.stringify([devicePlan(device), ipv4.installed, ipv6.installed, leased6]);
}
