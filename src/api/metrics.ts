/** Metrics for Prometheus: some counted as things happen, the rest read when they are asked for. */
import type { HookCounts } from "../app/hooks/deliveries.ts";
import type { Inspection } from "../app/inspection.ts";
import { troubles } from "../app/state/troubles.ts";
import { toSeconds } from "../base/time.ts";
import { deviceStatuses } from "../config/state-device.ts";
import { identityMac } from "../plan/marks.ts";
import { type LoopLag, lagFigures, makeInstruments, makeRegistry } from "./instruments.ts";
import { Phases } from "./phases.ts";
import { type Counters, problemsOf } from "./views.ts";

/** Entries of the kernel's table of connections. */
export interface Conntrack {
  readonly entries: number;
  readonly limit: number;
}

export interface MetricsParts {
  readonly inspection: Inspection;
  readonly version: string;
  /** By interface. */
  readonly counters: () => Promise<ReadonlyMap<string, Counters>>;
  /** Undefined: the kernel does not tell. */
  readonly conntrack: () => Promise<Conntrack | undefined>;
  /** Of the event loop since it was last asked for, in seconds. */
  readonly loopLag: () => LoopLag;
  readonly hooks: () => readonly HookCounts[];
  /** Who listens to events. */
  readonly listeners: () => number;
  /** Also bytes and packets of each device: four series a device. */
  readonly perDevice: boolean;
}

export class Metrics {
  readonly #parts: MetricsParts;
  readonly #registry = makeRegistry();
  readonly #is = makeInstruments(this.#registry);

  constructor(parts: MetricsParts) {
    this.#parts = parts;
    const { inspection } = parts;
    this.#is.info.set({ version: parts.version }, 1);
    const phases = new Phases({
      now: () => inspection.clock.now(),
      onPhase: (family, phase, seconds) => this.#is.phases.observe({ family, phase }, seconds),
      onDone: (family, seconds) => this.#is.onboarding.observe({ family }, seconds),
    });
    inspection.onEvent((mac, { kind, family }) => {
      phases.happened(mac, kind, family);
      if (family !== null && kind !== "configured") this.#is.dhcp.inc({ family, event: kind });
    });
    inspection.onPass(({ whole, took, failures }) => {
      this.#is.passes.observe({ pass: whole ? "whole" : "some" }, toSeconds(took));
      if (failures > 0) this.#is.refused.inc(failures);
    });
    inspection.listen((mac) => {
      if (!inspection.knows(mac)) phases.forget(mac);
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text format of Prometheus. */
  async render(): Promise<string> {
    this.#readGateway();
    this.#readDhcp();
    this.#readHooks();
    await Promise.all([
      this.#readProxy(),
      this.#readConntrack(),
      this.#parts.perDevice ? this.#readDevices() : undefined,
    ]);
    return this.#registry.metrics();
  }

  #readGateway(): void {
    const { inspection, listeners } = this.#parts;
    const counts = new Map<string, number>();
    const lag = this.#parts.loopLag();
    for (const figure of lagFigures) this.#is.lag[figure].set(lag[figure]);
    for (const { status } of inspection.devices()) counts.set(status, (counts.get(status) ?? 0) + 1);
    for (const status of deviceStatuses) this.#is.devices.set({ status }, counts.get(status) ?? 0);
    this.#is.problems.set(problemsOf(inspection).length);
    for (const kind of troubles) this.#is.problem.set({ kind }, inspection.troubleKinds.has(kind) ? 1 : 0);
    this.#is.listeners.set(listeners());
    this.#is.forwards.set(inspection.forwards.length);
    for (const [side, { interface: port, state }] of Object.entries(inspection.ports))
      this.#is.portUp.set({ port, side }, state === "up" ? 1 : 0);
  }

  #readDhcp(): void {
    const { messages, windowSize, windowOpen } = this.#is;
    const { dhcpMessages, windows } = this.#parts.inspection;
    messages.reset();
    for (const { count, ...labels } of dhcpMessages) messages.inc(labels, count);
    for (const [servers, { size, open }] of Object.entries(windows)) {
      const family = servers === "DHCPv4" ? "ipv4" : "ipv6";
      windowSize.set({ family }, size);
      windowOpen.set({ family }, open);
    }
  }

  #readHooks(): void {
    const { hooks, hooksWaiting } = this.#is;
    hooks.reset();
    for (const { sink, outcomes, waiting } of this.#parts.hooks()) {
      hooksWaiting.set({ sink }, waiting);
      for (const [outcome, count] of Object.entries(outcomes)) hooks.inc({ sink, outcome }, count);
    }
  }

  async #readProxy(): Promise<void> {
    const { proxyUp, sessions, sessionsTotal, proxyBytes, checks } = this.#is;
    const { proxy } = this.#parts.inspection;
    const use = await proxy?.use();
    for (const metric of [proxyUp, sessions, sessionsTotal, proxyBytes, checks]) metric.reset();
    const status = proxy?.status();
    if (status) proxyUp.set({ backend: status.backend }, status.running ? 1 : 0);
    for (const { port, ...of } of use?.ports ?? []) {
      sessions.set({ port }, of.sessions);
      sessionsTotal.inc({ port }, of.total);
      proxyBytes.inc({ port, direction: "received" }, of.receivedBytes);
      proxyBytes.inc({ port, direction: "sent" }, of.sentBytes);
    }
    if (!use) return;
    const found = [...use.checks.values()];
    for (const check of ["up", "down", "unknown"] as const)
      checks.set({ check }, found.filter((state) => state === check).length);
  }

  async #readConntrack(): Promise<void> {
    const { conntrack, conntrackMost } = this.#is;
    const table = await this.#parts.conntrack();
    conntrack.reset();
    conntrackMost.reset();
    if (!table) return;
    conntrack.set(table.entries);
    conntrackMost.set(table.limit);
  }

  async #readDevices(): Promise<void> {
    const { bytes, packets } = this.#is;
    const counters = await this.#parts.counters();
    bytes.reset();
    packets.reset();
    for (const [ifname, c] of counters) {
      const mac = identityMac(ifname);
      if (!mac) continue;
      bytes.inc({ mac, direction: "received" }, c.receivedBytes);
      bytes.inc({ mac, direction: "sent" }, c.sentBytes);
      packets.inc({ mac, direction: "received" }, c.receivedPackets);
      packets.inc({ mac, direction: "sent" }, c.sentPackets);
    }
  }
}
