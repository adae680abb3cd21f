/** The gateway: its parts, how they hear of each other, and the order in which they start and stop. */

import { formatCidr4, networkOf } from "../base/cidr4.ts";
import type { Ip4 } from "../base/ip4.ts";
import { type Mac, zeroMac } from "../base/mac.ts";
import type { Rng } from "../base/rng.ts";
import { matchesAny } from "../config/mac-pattern.ts";
import type { Config } from "../config/schema.ts";
import type { Fingerprint } from "../machine/dhcp4/interface.ts";
import type { ForwardRules } from "../plan/forward-rules.ts";
import { identityName, nftTable, nftTable6 } from "../plan/marks.ts";
import type { Observed } from "../plan/observe.ts";
import { byKey } from "../plan/resource.ts";
import type { RulesetInput } from "../plan/ruleset.ts";
import { translationRules } from "../plan/translation.ts";
import type { Cancel, Clock } from "../ports/clock.ts";
import type { Dial } from "../ports/dial.ts";
import type { DurableText, Files } from "../ports/files.ts";
import type { Kernel, KernelEvent } from "../ports/kernel.ts";
import type { Log } from "../ports/log.ts";
import type { NameLookup } from "../ports/name-lookup.ts";
import type { PacketLinks } from "../ports/packet-link.ts";
import type { Processes } from "../ports/processes.ts";
import { checkPorts } from "./check-ports.ts";
import { hasIdentity, leaseOf, reachable6 } from "./devices/device.ts";
import { Farewells } from "./devices/farewells.ts";
import { type GuardFacts, refusal } from "./devices/guards.ts";
import { Intake } from "./devices/intake.ts";
import { Onboarding } from "./devices/onboarding.ts";
import { Progress } from "./devices/progress.ts";
import { Registry } from "./devices/registry.ts";
import { Timeline } from "./devices/timeline.ts";
import { Upkeep } from "./devices/upkeep.ts";
import { Discovery } from "./discovery/discovery.ts";
import { watchClientsClash } from "./forwards/clients-clash.ts";
import { autoPortsOf, Forwards } from "./forwards/forwards.ts";
import { Inspection } from "./inspection.ts";
import { KernelSide } from "./kernel-side.ts";
import { LanService } from "./lan/lan-service.ts";
import { CarrierLook } from "./network/carrier-look.ts";
import { OwnWay } from "./network/own-way.ts";
import { PortHealth } from "./network/port-health.ts";
import { PortStates } from "./network/port-states.ts";
import { NetworkView } from "./network/view.ts";
import { WanChange } from "./network/wan-change.ts";
import type { Proxies } from "./proxy/proxies.ts";
import { raiseHostLimits } from "./reconcile/host-limits.ts";
import { observe } from "./reconcile/observe.ts";
import { Memory } from "./state/memory.ts";
import { Refusals } from "./state/refusals.ts";
import { Troubles } from "./state/troubles.ts";
import { PortTables } from "./uplink/port-tables.ts";
import { WanSide } from "./wan-side.ts";
import { Engine } from "./xlat/engine.ts";
import { Jool } from "./xlat/jool.ts";
import { Tayga } from "./xlat/tayga.ts";
import { Xlat } from "./xlat/xlat.ts";

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
  readonly dial: Dial;
  readonly names: NameLookup;
  /** Where the system's own DNS server looks for resolvers, besides our runtime directory. */
  readonly systemResolvFile?: string;
  /** Absent: IPv6 clients do not reach the devices. */
  readonly proxies?: Proxies;
}

export class Gateway {
  readonly #parts: GatewayParts;
  readonly registry = new Registry();
  readonly inspection: Inspection;
  readonly #ports: PortStates;
  readonly #carrier: CarrierLook;
  readonly #network: NetworkView;
  readonly #memory: Memory;
  readonly #refusals: Refusals;
  readonly #troubles: Troubles;
  readonly #progress: Progress;
  readonly #wan: WanSide;
  readonly #onboarding: Onboarding;
  readonly #farewells: Farewells;
  readonly #intake: Intake;
  readonly #discovery: Discovery;
  readonly #upkeep: Upkeep;
  readonly #lan: LanService;
  readonly #kernelSide: KernelSide;
  readonly #ownWay: OwnWay;
  readonly #change: WanChange;
  readonly #forwards: Forwards;
  readonly #portTables: PortTables;
  readonly #health: PortHealth;
  readonly #engine: Engine;
  readonly #xlat: Xlat;
  #lanPortGone = false;
  #wanCarrier = true;
  #pollTimer: Cancel | undefined;
  #watch: { stop(): Promise<void> } | undefined;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    const { config, clock, log, kernel, links } = parts;
    const { registry } = this;
    const { lan, wan, discovery } = config;
    const offlineAfter = discovery.offline_after;
    const common = { config, clock, log, kernel, registry };
    this.#ports = new PortStates([lan.interface, wan.interface]);
    this.#carrier = new CarrierLook({
      ...common,
      log: log.for("wan"),
      port: wan.interface,
      followers: () =>
        registry
          .all()
          .filter(hasIdentity)
          .map(({ mac }) => identityName(mac)),
      onEvent: (event) => this.#kernelEvent(event),
    });
    const [ofWan, ofKernel, ofState] = [log.for("wan"), log.for("kernel"), log.for("state")];
    this.#network = new NetworkView({
      log: ofWan,
      registry,
      network6: () => this.#wan.ipv6.network(),
      nat64: () => this.#xlat.nat64,
      onChange: () => this.#memory.touch(),
    });
    const network = this.#network;
    const directory = config.state.runtime_directory;
    this.#troubles = new Troubles({ log: ofState, files: parts.files, directory });
    this.#memory = new Memory({
      ...common,
      log: ofState,
      network,
      offlineAfter,
      file: parts.stateFile,
      onUnsaved: (sentence) => this.#troubles.tell("state-unsaved", sentence),
    });
    this.#refusals = new Refusals({ registry, clock, log: ofState, files: parts.files, directory });
    const timeline = new Timeline(registry, () => clock.wall());
    this.#progress = new Progress(
      registry,
      log.for("devices"),
      () => clock.now(),
      network.lacks.bind(network),
      timeline,
      () => clock.wall(),
    );
    this.#wan = new WanSide({
      ...parts,
      registry,
      progress: this.#progress,
      fingerprint: (mac) => this.#fingerprint(mac),
      v6Only: (mac) => this.#xlat.isAvailableTo(mac),
      onAnswer: (mac) => this.#health.answered(mac),
      onSent: () => this.#health.sent(),
      onGranted: (mac) => this.#onboarding.granted(mac),
      othersCome: () => this.#onboarding.othersCome,
      onLease: (mac, lease) => this.#change.leased(mac, lease),
      onHeard: () => {
        this.#change.heard();
        this.#health.heard();
      },
      onRouter: (router, mac, was) => this.#routerChanged(router, mac, was),
      onConfirmation: (mac) => {
        if (this.#wan.ipv6.confirmation(mac) === "answered") this.#health.answered(mac);
        this.#kernelSide.reconciler.request(mac);
      },
      onNetwork6: (now, was) => {
        this.#kernelSide.requestEach();
        this.#change.network6(now, was);
        this.#xlat.look();
      },
    });
    this.#ownWay = new OwnWay({
      ...common,
      log: ofWan,
      wanPort: wan.interface,
      lends: () => wan.own_mac === "silent" && this.#kernelSide.lends4,
      onTrouble: (sentence) => this.#troubles.tell("own-way", sentence),
    });
    const ruleset: RulesetInput = {
      lanPort: lan.interface,
      wanPort: wan.interface,
      ownMac: wan.own_mac,
      forwards: forwardRules(config, parts.proxies?.kind),
      translates: translationRules(networkOf(lan.address.ip, lan.address.length), config.forwards.clients),
      shortWays: wan.udp_short_way,
    };
    const xlatParts = {
      ...parts,
      log: log.for("xlat"),
      runtimeDirectory: directory,
      onTrouble: (sentence: string | undefined) => this.#troubles.tell("translator", sentence),
    };
    this.#engine = new Engine({
      log: xlatParts.log,
      choice: config.xlat464.engine,
      engines: { tayga: new Tayga(xlatParts), jool: new Jool(xlatParts) },
    });
    this.#xlat = new Xlat({
      ...common,
      log: xlatParts.log,
      names: parts.names,
      translator: this.#engine,
      network6: () => this.#wan.ipv6.network(),
      isUncertain: () => this.#change.isUncertain,
      ipv4Offered: () => !network.lacks("ipv4"),
      isOpen6: (device) => this.#forwards.isOpen6(device),
      opensAny: () => this.#forwards.opensAny,
      onMissing: (sentence) => this.#troubles.tell("inbound", sentence),
      verify4: (mac) =>
        this.#wan.pacer.admit((done) => {
          this.#wan.ipv4.clients.linkChanged(mac);
          done();
        }),
      retry4: (mac) => this.#wan.ipv4.clients.input(mac, { kind: "retry" }),
      request: () => this.#kernelSide.reconciler.request(),
      onTrouble: (sentence) => this.#troubles.tell("xlat464", sentence),
    });
    this.#forwards = new Forwards({
      ...common,
      log: log.for("proxy"),
      files: parts.files,
      dial: parts.dial,
      onChange: (ip) => this.#kernelSide.reconciler.request(ip && this.registry.holder(ip)),
      onTrouble: (sentence) => this.#troubles.tell("forwards-file", sentence),
      onInboundTrouble: (sentence) => this.#troubles.tell("inbound-file", sentence),
    });
    watchClientsClash({
      clients: config.forwards.clients,
      registry: this.registry,
      onTrouble: (sentence) => this.#troubles.tell("inbound-clients", sentence),
    });
    this.#kernelSide = new KernelSide({
      ...common,
      log: ofKernel,
      ruleset,
      progress: this.#progress,
      routers: () => this.#wan.ipv4.routers.known(),
      network6: () => this.#wan.ipv6.network(),
      translation: () => this.#xlat.plan,
      identityUp: (device) => this.#onboarding.identityUp(device),
      addresses6: (mac, facts) => this.#wan.ipv6.addresses(mac, facts),
      confirmation6: (mac) => this.#wan.ipv6.confirmation(mac),
      duplicate: (mac, ip) => this.#wan.ipv6.duplicate(mac, ip),
      forwards: this.#forwards,
      onProxy: (desired) => parts.proxies?.update(desired),
      onProxyChange: (devices) => parts.proxies?.change(devices),
      onResolvers: (servers) => {
        void this.#lan.setResolvers(servers);
        this.#xlat.resolvers(servers);
      },
      onPlan: (plan) => this.#portTables.planned(plan),
      onPass: (pass) => {
        this.inspection.passed(pass);
        this.#portTables.passed(pass);
        this.#network.look();
        void this.#ownWay.look();
        this.#xlat.passed(pass);
        this.#farewells.passed(pass);
      },
    });
    this.inspection = new Inspection({
      ...common,
      timeline,
      network,
      troubles: () => this.#troubles.sentences,
      troubleKinds: () => this.#troubles.kinds,
      dhcpMessages: () => this.#wan.messages.all(),
      windows: this.#wan.pacer.windows,
      proxies: parts.proxies,
      tellApi: (sentences) => this.#troubles.tellAll("api", sentences),
      tellHooks: (sentences) => this.#troubles.tellAll("hooks", sentences),
      observed: () => this.#kernelSide.observed,
      portState: (ifname) => this.#ports.of(ifname, this.#kernelSide.observed),
      forwards: () => this.#forwards.manual,
      ways: (device) =>
        this.#forwards.ways({
          device,
          addresses4: device.ipv4.installed ? [leaseOf(device)?.address ?? []].flat() : [],
          addresses6: device.ipv6.installed ? reachable6(device) : [],
        }),
      inbound: () => this.#forwards.inbound,
      openTo: (device) => this.#forwards.openTo(device),
      isOpen: ({ address, target }) => this.#forwards.isOpen(address, target),
      waits: (mac) => this.#onboarding.waits(mac),
      retry: ({ mac }) => {
        this.#wan.ipv4.clients.input(mac, { kind: "retry" });
        this.#wan.ipv6.retry(mac);
      },
      forget: (mac) => this.#forget(mac),
      prospect: () => this.#kernelSide.reconciler.prospect(),
    });
    this.#onboarding = new Onboarding({
      registry,
      clock,
      pacer: this.#wan.pacer,
      ipv4: this.#wan.ipv4.clients,
      ipv6: this.#wan.ipv6,
      refusal: (mac) => refusal(mac, this.#guardFacts()),
      enabled: config.dhcpv4.enabled,
      onAsking: (mac) => this.#health.asks(mac),
      listenFor: (mac) => this.#wan.ipv4.listenFor(mac),
      listenNoMore: (mac) => this.#wan.ipv4.listenNoMore(mac),
      deconfigure: (mac, address) => this.#progress.deconfigure(mac, address),
      deconfigure6: (mac) => this.#progress.deconfigure6(mac),
    });
    this.#farewells = new Farewells({ clock, release: (mac) => this.#wan.forget(mac) });
    this.#portTables = new PortTables({ ...common, log: ofKernel });
    this.#health = new PortHealth({
      clock,
      wanPort: wan.interface,
      ask: (mac) => {
        this.#wan.ipv4.clients.linkChanged(mac);
        this.#wan.ipv6.verify(mac);
      },
      tell: (trouble, sentence) => this.#troubles.tell(trouble, sentence),
    });
    this.#change = new WanChange({
      ...common,
      log: ofWan,
      onboarding: this.#onboarding,
      routers: this.#wan.ipv4.routers,
      ipv6: this.#wan.ipv6,
      retry: (mac) =>
        this.#wan.ipv4.clients.moved(mac, "it is asked for anew to learn which network this is"),
      onTrouble: (sentence) => this.#health.quiet(sentence),
      onVerify: () => this.#xlat.look(),
    });
    this.#intake = new Intake({
      registry,
      clock,
      log: log.for("devices"),
      lan: lan.address,
      refusal: (mac) => refusal(mac, this.#guardFacts()),
      admit: (mac) => {
        this.#farewells.end(mac);
        this.#onboarding.admit(mac);
      },
      askAfter: (mac, ip) => this.#askAfter(mac, ip),
    });
    const onSighting = this.#intake.take.bind(this.#intake);
    this.#discovery = new Discovery({
      links,
      kernel,
      log: log.for("discovery"),
      lanPort: lan.interface,
      onSighting,
    });
    this.#upkeep = new Upkeep({
      registry,
      clock,
      log: log.for("devices"),
      offlineAfter,
      forgetAfter: discovery.forget_after,
      askAfter: (mac, ip) => this.#askAfter(mac, ip),
      forget: (mac) => this.#forget(mac),
      onTurn: (mac, status) => {
        timeline.add(mac, status);
        this.#memory.touch();
      },
    });
    this.#lan = new LanService({
      clock,
      files: parts.files,
      processes: parts.processes,
      log: log.for("lan"),
      lanPort: lan.interface,
      lan: lan.address,
      poolStart: lan.dhcp_start,
      poolSize: lan.dhcp_limit,
      verbose: (config.log.levels.lan ?? config.log.level) === "debug",
      stateDirectory: config.state.directory,
      runtimeDirectory: config.state.runtime_directory,
      ...(parts.systemResolvFile === undefined ? {} : { systemResolvFile: parts.systemResolvFile }),
      onLeases: (leases) => leases.forEach(onSighting),
    });
  }

  /** Errors: GatewayError "config-no-interface" before anything is changed. */
  async start(): Promise<void> {
    const { config, log, kernel } = this.#parts;
    const observed = await observe(kernel, []);
    checkPorts(observed, config);
    this.#kernelSide.begin(observed);
    this.#carrier.begin(observed.ports.get(config.wan.interface)?.carrier ?? true);
    await this.#adopt(observed);
    await this.#troubles.start();
    this.#memory.start();
    await this.#refusals.start();
    await this.#forwards.start();
    await this.#kernelSide.reconciler.start();
    await raiseHostLimits(kernel, log.for("kernel"), observed.saved, config.discovery.max_devices);
    await this.#portTables.start();
    await this.#wan.start();
    await this.#change.start();
    this.#watch = kernel.watch([nftTable, nftTable6], (event) => this.#kernelEvent(event));
    await this.#discovery.start();
    await this.#parts.proxies?.start();
    if (config.lan.dhcp) await this.#lan.start(this.#lanAddresses());
    this.#onboarding.resume();
    this.#poll();
    log.info(`Gateway runs: LAN ${config.lan.interface}, WAN ${config.wan.interface}`, {
      lan: `${config.lan.address.ip}/${config.lan.address.length}`,
      own_mac: config.wan.own_mac,
      pacing: config.pacing.profile,
    });
  }

  /** Takes over what an earlier run left, so that the first pass leaves it alone. */
  async #adopt({ resources, addresses6 }: Observed): Promise<void> {
    this.#wan.adopt(resources, addresses6);
    await this.#engine.prepare();
    this.#xlat.adopt(resources);
    const restored = this.#onboarding.restore(await this.#memory.load(), byKey(resources));
    if (restored > 0)
      this.#parts.log.for("state").info(`${restored} known devices restored from devices.json`);
  }

  /** Ends the parts; identities, leases and rules stay in the kernel, so that a restart drops no connection. */
  async stop(): Promise<void> {
    this.#pollTimer?.();
    this.#carrier.stop();
    this.#change.stop();
    this.#ownWay.stop();
    this.#onboarding.stop();
    await this.#watch?.stop();
    await this.#discovery.stop();
    await this.#kernelSide.reconciler.stop();
    await this.#portTables.settled();
    this.#farewells.stop();
    this.#forwards.stop();
    await this.#parts.proxies?.stop();
    await this.#xlat.stop();
    await this.#lan.stop();
    await this.#wan.stop();
    await this.#memory.stop();
    await this.#refusals.stop();
    await this.#troubles.stop();
  }

  #fingerprint(mac: Mac): Fingerprint | undefined {
    const device = this.registry.get(mac);
    if (!device) return undefined;
    if (!this.#parts.config.dhcpv4.clone_fingerprint) return {};
    const { hostname, fingerprint } = device;
    return hostname && !fingerprint.hostName ? { ...fingerprint, hostName: hostname } : fingerprint;
  }

  #guardFacts(): GuardFacts {
    const { allow, deny, max_devices } = this.#parts.config.discovery;
    const ports = this.#kernelSide.observed?.ports.values() ?? [];
    const ownMacs = new Set([...ports].flatMap(({ mac }) => (mac ? [mac] : [])));
    ownMacs.delete(zeroMac);
    return {
      ownMacs,
      onWan: (mac) => this.#wan.seesOnWan(mac),
      allowed: (mac) => allow.length === 0 || matchesAny(allow, mac),
      denied: (mac) => matchesAny(deny, mac),
      admitted: this.#intake.served,
      maxDevices: max_devices,
    };
  }

  #routerChanged(router: Ip4, mac: Mac | undefined, was: Mac | undefined): void {
    if (!mac) this.#parts.log.for("wan").warn(`Router ${router} does not answer ARP any more`, { mac: was });
    else this.#parts.log.for("wan").info(`Router ${router} is at ${mac}`, { was });
    this.#kernelSide.requestEach();
    this.#change.router(router, mac, was);
  }

  #askAfter(mac: Mac, ip: Ip4): void {
    const { lan } = this.#parts.config;
    const own = this.#kernelSide.observed?.ports.get(lan.interface)?.mac;
    if (own) this.#discovery.askAfter({ mac: own, ip: lan.address.ip }, mac, ip);
  }

  #forget(mac: Mac): void {
    const device = this.registry.get(mac);
    this.#onboarding.forget(mac);
    this.#farewells.begin(mac, device !== undefined && hasIdentity(device));
    this.#health.forget(mac);
    this.registry.remove(mac);
  }

  #kernelEvent(event: KernelEvent): void {
    this.#discovery.kernelEvent(event);
    if (event.kind === "neighbour") return;
    this.#carrier.kernelEvent(event);
    this.#change.kernelEvent(event);
    this.#kernelSide.kernelEvent(event);
    this.#portTables.kernelEvent(event);
    this.#ports.kernelEvent(event);
    if (event.kind === "link" && event.ifname === this.#parts.config.wan.interface)
      this.#wanLink(event.carrier);
    this.#lanEvent(event);
    if (event.kind === "resync") void this.#discovery.poll();
  }

  #wanLink(carrier: boolean): void {
    this.#health.carrier(carrier);
    // Much else of the port changes too, as with each identity that comes.
    if (carrier === this.#wanCarrier) return;
    this.#wanCarrier = carrier;
    if (!carrier) this.#portTables.linkLost();
    this.#xlat.look();
  }

  #lanEvent(event: KernelEvent): void {
    if (!("ifname" in event) || event.ifname !== this.#parts.config.lan.interface) return;
    if (event.kind === "address" && !event.gone) this.#lan.hasAddress(event.ip);
    if (event.kind !== "link") return;
    if (!event.gone && this.#lanPortGone) this.#lan.portBack();
    this.#lanPortGone = event.gone;
  }

  /** Without their lengths. */
  #lanAddresses(): string[] {
    const { lan } = this.#parts.config;
    const entries = [...(this.#kernelSide.observed?.foreignAddresses ?? [])].map((entry) =>
      entry.split(/[ /]/),
    );
    return [
      lan.address.ip,
      ...entries.flatMap(([ifname, ip = ""]) => (ifname === lan.interface ? [ip] : [])),
    ];
  }

  #poll(): void {
    const { clock, config } = this.#parts;
    void this.#discovery.poll();
    this.#upkeep.poll();
    this.#health.look();
    this.#troubles.tellAll("proxy", this.#parts.proxies?.status()?.problems ?? []);
    this.#pollTimer = clock.after(config.discovery.poll_interval, () => this.#poll());
  }
}

function forwardRules(config: Config, proxy: ForwardRules["proxy"]): ForwardRules {
  const { ip, length } = config.lan.address;
  return {
    ports: autoPortsOf(config),
    ...(proxy ? { proxy } : {}),
    lanAddress: ip,
    lanNet: formatCidr4(networkOf(ip, length)),
  };
}
