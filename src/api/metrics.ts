/** Metrics for Prometheus: some counted as things happen, the rest read when they are asked for. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Family, TimelineEntry } from "../app/devices/timeline.ts";
import type { Inspection, PassReport } from "../app/inspection.ts";
import type { Mac } from "../base/mac.ts";
import { toSeconds, type WallTime } from "../base/time.ts";
import { deviceStatuses } from "../config/state-device.ts";
import { identityMac } from "../plan/marks.ts";
import { type Counters, problemsOf } from "./views.ts";

export interface MetricsParts {
  readonly inspection: Inspection;
  /** By interface. */
  readonly counters: () => Promise<ReadonlyMap<string, Counters>>;
  /** Who listens to events. */
  readonly listeners: () => number;
  /** Also bytes and packets of each device: four series a device. */
  readonly perDevice: boolean;
}

const untilConfigured = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const passSeconds = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

function instruments(registry: Registry) {
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name: `gateway_${name}`, help, labelNames, registers });
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name: `gateway_${name}`, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) =>
    new Histogram({ name: `gateway_${name}`, help, labelNames, buckets, registers });
  return {
    devices: gauge("devices", "Devices by status", "status"),
    problems: gauge("problems", "How many things are wrong with the gateway; /health names them"),
    portUp: gauge("port_up", "Whether the port has its link", "port"),
    listeners: gauge("event_listeners", "Listeners of /events"),
    forwards: gauge("port_forwards", "Manual forwards in force"),
    dhcp: counter("dhcp_events_total", "What the DHCP clients came to", "family", "event"),
    onboarding: histogram(
      "onboarding_seconds",
      "From a device's first frame to its working address",
      untilConfigured,
      "family",
    ),
    passes: histogram("reconcile_seconds", "Passes that make the kernel match the plan", passSeconds, "pass"),
    refused: counter("reconcile_errors_total", "What the kernel refused"),
    bytes: gauge("device_bytes", "Since the device's identity came up", "mac", "direction"),
    packets: gauge("device_packets", "Since the device's identity came up", "mac", "direction"),
  };
}

export class Metrics {
  readonly #parts: MetricsParts;
  readonly #registry = new Registry();
  readonly #is = instruments(this.#registry);
  /** When devices were first seen whose first address of a family is still to come. */
  readonly #coming = new Map<Mac, { readonly since: WallTime; readonly families: Set<Family> }>();

  constructor(parts: MetricsParts) {
    this.#parts = parts;
    collectDefaultMetrics({ register: this.#registry });
    parts.inspection.onEvent((mac, entry) => this.#happened(mac, entry));
    parts.inspection.onPass((pass) => this.#passed(pass));
    parts.inspection.listen((mac) => {
      if (!parts.inspection.knows(mac)) this.#coming.delete(mac);
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text format of Prometheus. */
  async render(): Promise<string> {
    this.#readGateway();
    if (this.#parts.perDevice) await this.#readDevices();
    return this.#registry.metrics();
  }

  #happened(mac: Mac, { kind, family, at }: TimelineEntry): void {
    if (kind === "seen") this.#coming.set(mac, { since: at, families: new Set(["ipv4", "ipv6"]) });
    if (family === null) return;
    if (kind === "configured") this.#configured(mac, family, at);
    else this.#is.dhcp.inc({ family, event: kind });
  }

  #configured(mac: Mac, family: Family, at: WallTime): void {
    const coming = this.#coming.get(mac);
    if (!coming?.families.delete(family)) return;
    this.#is.onboarding.observe({ family }, Math.max(0, at - coming.since) / 1000);
    if (coming.families.size === 0) this.#coming.delete(mac);
  }

  #passed({ whole, took, failures }: PassReport): void {
    this.#is.passes.observe({ pass: whole ? "whole" : "some" }, toSeconds(took));
    if (failures > 0) this.#is.refused.inc(failures);
  }

  #readGateway(): void {
    const { inspection, listeners } = this.#parts;
    const counts = new Map<string, number>();
    for (const { status } of inspection.devices()) counts.set(status, (counts.get(status) ?? 0) + 1);
    for (const status of deviceStatuses) this.#is.devices.set({ status }, counts.get(status) ?? 0);
    this.#is.problems.set(problemsOf(inspection).length);
    this.#is.listeners.set(listeners());
    this.#is.forwards.set(inspection.forwards.length);
    for (const { interface: port, state } of Object.values(inspection.ports))
      this.#is.portUp.set({ port }, state === "up" ? 1 : 0);
  }

  async #readDevices(): Promise<void> {
    const { bytes, packets } = this.#is;
    bytes.reset();
    packets.reset();
    for (const [ifname, c] of await this.#parts.counters()) {
      const mac = identityMac(ifname);
      if (!mac) continue;
      bytes.set({ mac, direction: "received" }, c.receivedBytes);
      bytes.set({ mac, direction: "sent" }, c.sentBytes);
      packets.set({ mac, direction: "received" }, c.receivedPackets);
      packets.set({ mac, direction: "sent" }, c.sentPackets);
    }
  }
}
