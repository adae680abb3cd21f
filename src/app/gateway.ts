/** The gateway: its parts, how they hear of each other, and the order in which they start and stop. */
import type { Ip4 } from "../base/ip4.ts";
import { type Mac, zeroMac } from "../base/mac.ts";
import type { Rng } from "../base/rng.ts";
import { matchesAny } from "../config/mac-pattern.ts";
import type { Config } from "../config/schema.ts";
import type { Fingerprint } from "../machine/dhcp4/interface.ts";
import { planDesired } from "../plan/desired.ts";
import { identityName, nftTable } from "../plan/marks.ts";
import type { Observed } from "../plan/observe.ts";
import { byKey, type ResourceMap } from "../plan/resource.ts";
import type { RulesetInput } from "../plan/ruleset.ts";
import type { Cancel, Clock } from "../ports/clock.ts";
import type { DurableText, Files } from "../ports/files.ts";
import type { Kernel, KernelEvent } from "../ports/kernel.ts";
import type { Log } from "../ports/log.ts";
import type { PacketLinks } from "../ports/packet-link.ts";
import type { Processes } from "../ports/processes.ts";
import { checkPorts } from "./check-ports.ts";
import { type Device, hasIdentity, leaseOf } from "./devices/device.ts";
import { type GuardFacts, refusal } from "./devices/guards.ts";
import { Intake } from "./devices/intake.ts";
import { Onboarding } from "./devices/onboarding.ts";
import { askerFor, devicePlan, devicePlans, lender, refuseAddress, resolvers } from "./devices/plan-input.ts";
import { Progress } from "./devices/progress.ts";
import { Registry } from "./devices/registry.ts";
import { Upkeep } from "./devices/upkeep.ts";
import { Discovery } from "./discovery/discovery.ts";
import { LanService } from "./lan/lan-service.ts";
import { observe } from "./reconcile/observe.ts";
import { outcomeOf } from "./reconcile/outcome.ts";
import { type Pass, Reconciler } from "./reconcile/reconciler.ts";
import { Memory } from "./state/memory.ts";
import { Refusals } from "./state/refusals.ts";
import { switchSafePacer, unlimitedPacer } from "./uplink/pacer.ts";
import { Uplink } from "./uplink/uplink.ts";

export interface GatewayParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  readonly kernel: Kernel;
  readonly links: PacketLinks;
  readonly processes: Processes;
  readonly files: Files;
  readonly stateFile: DurableText;
}

export class Gateway {
  readonly #parts: GatewayParts;
  readonly registry = new Registry();
  readonly #ruleset: RulesetInput;
  readonly #memory: Memory;
  readonly #refusals: Refusals;
  readonly #progress: Progress;
  readonly #uplink: Uplink;
  readonly #onboarding: Onboarding;
  readonly #intake: Intake;
  readonly #discovery: Discovery;
  readonly #upkeep: Upkeep;
  readonly #lan: LanService;
  readonly #reconciler: Reconciler;
  #observed: Observed | undefined;
  #carrier = true;
  #pollTimer: Cancel | undefined;
  #settleTimer: Cancel | undefined;
  #watch: { stop(): Promise<void> } | undefined;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    const { config, clock, rng, log, kernel, links } = parts;
    const { registry } = this;
    const { lan, wan, discovery, dhcpv4 } = config;
    const offlineAfter = discovery.offline_after;
    this.#ruleset = { lanPort: lan.interface, wanPort: wan.interface, ownMac: wan.own_mac };
    this.#memory = new Memory({ registry, clock, log, file: parts.stateFile, offlineAfter });
    const directory = config.state.runtime_directory;
    this.#refusals = new Refusals({ registry, clock, log, files: parts.files, directory });
    this.#progress = new Progress(registry, log, () => clock.now());
    const pacer = config.pacing.profile === "unlimited" ? unlimitedPacer(clock) : switchSafePacer(clock);
    this.#uplink = new Uplink({
      clock,
      rng,
      log,
      links,
      pacer,
      wanPort: wan.interface,
      settings: {
        timeout: dhcpv4.timeout,
        retries: dhcpv4.retries,
        retryDelay: dhcpv4.retry_delay,
        failedRetry: dhcpv4.failed_retry,
      },
      fingerprint: (mac) => this.#fingerprint(mac),
      refuse: (mac, ip) => refuseAddress(lan.address, ip, this.#uplink.clients.holder(ip), mac),
      onConfigure: (mac, lease) => {
        this.#onboarding.answered(mac);
        this.#progress.configure(mac, lease);
        for (const { router } of lease.routes) {
          this.#uplink.routers.want(router, router === lease.serverId ? lease.serverMac : undefined);
        }
      },
      onDeconfigure: (mac, address) => this.#progress.deconfigure(mac, address),
      onEvent: (mac, event) => this.#progress.event(mac, event),
      asker: (router) => askerFor(this.registry.all(), router),
      onRouter: (router, mac, was) => this.#routerChanged(router, mac, was),
    });
    this.#reconciler = new Reconciler({
      kernel,
      clock,
      log,
      ruleset: this.#ruleset,
      desire: (observed) => this.#desire(observed),
      onPass: (pass) => this.#passed(pass),
    });
    this.#onboarding = new Onboarding({
      registry,
      clock,
      pacer,
      clients: this.#uplink.clients,
      refusal: (mac) => refusal(mac, this.#guardFacts()),
      enabled: dhcpv4.enabled,
      deconfigure: (mac, address) => this.#progress.deconfigure(mac, address),
    });
    this.#intake = new Intake({
      registry,
      clock,
      log,
      lan: lan.address,
      refusal: (mac) => refusal(mac, this.#guardFacts()),
      admit: (mac) => this.#onboarding.admit(mac),
      askAfter: (mac, ip) => this.#askAfter(mac, ip),
    });
    const onSighting = this.#intake.take.bind(this.#intake);
    this.#discovery = new Discovery({ links, kernel, log, lanPort: lan.interface, onSighting });
    this.#upkeep = new Upkeep({
      registry,
      clock,
      log,
      offlineAfter,
      forgetAfter: discovery.forget_after,
      askAfter: (mac, ip) => this.#askAfter(mac, ip),
      forget: (mac) => this.#forget(mac),
      onTurn: () => this.#memory.touch(),
    });
    this.#lan = new LanService({
      files: parts.files,
      processes: parts.processes,
      log,
      lanPort: lan.interface,
      lan: lan.address,
      poolStart: lan.dhcp_start,
      poolSize: lan.dhcp_limit,
      stateDirectory: config.state.directory,
      runtimeDirectory: config.state.runtime_directory,
      onLeases: (leases) => leases.forEach(onSighting),
    });
  }

  /** Errors: GatewayError "config-no-interface" before anything is changed. */
  async start(): Promise<void> {
    const { config, log, kernel } = this.#parts;
    this.#observed = await observe(kernel, []);
    checkPorts(this.#observed, config);
    await this.#adopt(this.#observed);
    this.registry.listen((now, was) => this.#changed(now, was));
    this.#memory.start();
    await this.#refusals.start();
    await this.#reconciler.start();
    await this.#uplink.start();
    this.#watch = kernel.watch(nftTable, (event) => this.#kernelEvent(event));
    await this.#discovery.start();
    if (config.lan.dhcp) await this.#lan.start();
    this.#onboarding.resume();
    this.#poll();
    log.info(`Gateway runs: LAN ${config.lan.interface}, WAN ${config.wan.interface}`, {
      lan: `${config.lan.address.ip}/${config.lan.address.length}`,
      own_mac: config.wan.own_mac,
      pacing: config.pacing.profile,
    });
  }

  /** Takes over what an earlier run left, so that the first pass leaves it alone. */
  async #adopt({ resources, ports }: Observed): Promise<void> {
    const { config, log } = this.#parts;
    const wan = ports.get(config.wan.interface);
    // A port that is down is about to be set up, which is no change of the network.
    this.#carrier = !wan?.up || wan.carrier;
    for (const r of resources) if (r.kind === "neighbour") this.#uplink.routers.want(r.ip, r.mac);
    const restored = this.#onboarding.restore(await this.#memory.load(), byKey(resources));
    if (restored > 0) log.info(`${restored} known devices restored from devices.json`);
  }

  /** Ends the parts; identities, leases and rules stay in the kernel, so that a restart drops no connection. */
  async stop(): Promise<void> {
    this.#pollTimer?.();
    this.#settleTimer?.();
    this.#onboarding.stop();
    await this.#watch?.stop();
    await this.#discovery.stop();
    await this.#reconciler.stop();
    await this.#lan.stop();
    await this.#uplink.stop();
    await this.#memory.stop();
    await this.#refusals.stop();
  }

  #fingerprint(mac: Mac): Fingerprint {
    const device = this.registry.get(mac);
    if (!device || !this.#parts.config.dhcpv4.clone_fingerprint) return {};
    const { hostname, fingerprint } = device;
    return hostname && !fingerprint.hostName ? { ...fingerprint, hostName: hostname } : fingerprint;
  }

  #guardFacts(): GuardFacts {
    const { allow, deny, max_devices } = this.#parts.config.discovery;
    const ownMacs = new Set(
      [...(this.#observed?.ports.values() ?? [])].flatMap(({ mac }) => (mac ? [mac] : [])),
    );
    ownMacs.delete(zeroMac);
    return {
      ownMacs,
      onWan: (mac) => this.#uplink.seesOnWan(mac),
      allowed: (mac) => allow.length === 0 || matchesAny(allow, mac),
      denied: (mac) => matchesAny(deny, mac),
      admitted: this.#intake.served,
      maxDevices: max_devices,
    };
  }

  #desire(observed: Observed): ResourceMap {
    this.#observed = observed;
    const { lan, wan } = this.#parts.config;
    const devices = this.registry.all();
    const borrowed = wan.own_mac === "silent" ? lender(devices) : undefined;
    return planDesired({ ...this.#ruleset, lan: lan.address }, devicePlans(devices), {
      wanMtu: observed.ports.get(wan.interface)?.mtu ?? 1500,
      neighbours: this.#uplink.routers.known(),
      lanAddressPresent: observed.foreignAddresses.has(
        `${lan.interface} ${lan.address.ip}/${lan.address.length}`,
      ),
      ...(borrowed ? { borrowed } : {}),
      addresses6: observed.addresses6,
    });
  }

  #passed(pass: Pass): void {
    const { desired } = pass;
    const { present, complete } = outcomeOf(pass);
    for (const device of this.registry.all()) {
      const ifname = identityName(device.mac);
      if (!desired.has(`identity ${ifname}`) || !present(ifname)) continue;
      this.#onboarding.identityUp(device);
      const lease = leaseOf(device);
      if (lease && desired.has(`address ${ifname} ${lease.address}`) && complete(ifname))
        this.#progress.installed(device);
    }
    void this.#shareResolvers();
  }

  async #shareResolvers(): Promise<void> {
    const servers = resolvers(this.registry.all());
    if (servers.length > 0 && this.#parts.config.lan.dhcp) await this.#lan.setResolvers(servers);
  }

  #changed(now: Device | undefined, was: Device | undefined): void {
    if (planText(now) !== planText(was)) this.#reconciler.request();
  }

  #routerChanged(router: Ip4, mac: Mac | undefined, was: Mac | undefined): void {
    if (!mac) this.#parts.log.warn(`Router ${router} does not answer ARP any more`, { mac: was });
    else this.#parts.log.info(`Router ${router} is at ${mac}`, { was });
    this.#reconciler.request();
  }

  #askAfter(mac: Mac, ip: Ip4): void {
    const { lan } = this.#parts.config;
    const own = this.#observed?.ports.get(lan.interface)?.mac;
    if (own) this.#discovery.askAfter({ mac: own, ip: lan.address.ip }, mac, ip);
  }

  #forget(mac: Mac): void {
    this.#uplink.clients.forget(mac);
    this.registry.remove(mac);
  }

  #kernelEvent(event: KernelEvent): void {
    this.#discovery.kernelEvent(event);
    if (event.kind === "neighbour") return;
    if (event.kind === "link" && event.ifname === this.#parts.config.wan.interface)
      this.#wanLink(event.carrier);
    this.#reconciler.suspect();
    if (event.kind === "resync") void this.#discovery.poll();
  }

  /** After the cable was out it may lead elsewhere: every lease is verified once the link has settled. */
  #wanLink(carrier: boolean): void {
    const { config, clock, log } = this.#parts;
    if (carrier === this.#carrier) return;
    this.#carrier = carrier;
    log.warn(carrier ? "WAN link is up again" : "WAN link is down");
    this.#settleTimer?.();
    if (carrier) this.#settleTimer = clock.after(config.wan.change_delay, () => this.#onboarding.verifyAll());
  }

  #poll(): void {
    const { clock, config } = this.#parts;
    void this.#discovery.poll();
    this.#upkeep.poll();
    this.#pollTimer = clock.after(config.discovery.poll_interval, () => this.#poll());
  }
}

/** What of a device concerns the kernel; the rest of it may change without a pass. */
function planText(device: Device | undefined): string {
  if (!device || !hasIdentity(device)) return "";
  return JSON.stringify([devicePlan(device), device.stage.tag === "leased" && device.stage.installed]);
}
