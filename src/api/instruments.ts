/** The metrics by name: what each means, its labels, and its buckets in seconds. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const onboardingSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const passSeconds = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Of the process; without those whose names say counter and that are none. */
const misnamed = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

/** Of the delay of the event loop: what a timer of ours finds takes the place of what the library's finds, which wakes the process a hundred times a second. */
export const lagFigures = ["min", "max", "mean", "stddev", "p50", "p90", "p99"] as const;
type LagFigure = (typeof lagFigures)[number];
/** Seconds. */
export type LoopLag = Readonly<Record<LagFigure, number>>;
const lagName = (figure: LagFigure) => `nodejs_eventloop_lag_${figure}_seconds`;
const neverMs = 2 ** 31 - 1;

export function makeRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: neverMs });
  for (const name of [...misnamed, ...lagFigures.map(lagName)]) registry.removeSingleMetric(name);
  return registry;
}

export function makeInstruments(registry: Registry) {
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name: `gateway_${name}`, help, labelNames, registers });
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name: `gateway_${name}_total`, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) =>
    new Histogram({ name: `gateway_${name}_seconds`, help, labelNames, buckets, registers });
  const lag = lagFigures.map((figure) => {
    const help = `By how much the event loop was late since this was last read, ${figure}`;
    return [figure, new Gauge({ name: lagName(figure), help, registers })] as const;
  });
  return {
    lag: Object.fromEntries(lag) as Record<LagFigure, Gauge>,
    info: gauge("info", "Always 1; the version is a label", "version"),
    devices: gauge("devices", "Devices by status", "status"),
    problems: gauge("problems", "How many things are wrong with the gateway; /health names them"),
    portUp: gauge("port_up", "Whether the port has its link", "port", "side"),
    problem: gauge(
      "problem",
      "1: this is wrong, such as a limit of MAC addresses at the switch port",
      "kind",
    ),
    listeners: gauge("event_listeners", "Listeners of /events"),
    forwards: gauge("port_forwards", "Manual forwards in force"),
    dhcp: counter("dhcp_events", "What the DHCP clients came to", "family", "event"),
    messages: counter("dhcp_messages", "DHCP messages of the devices", "family", "direction", "type"),
    windowSize: gauge("dhcp_window_exchanges", "Questions that may be open at the servers", "family"),
    windowOpen: gauge("dhcp_open_exchanges", "Questions that are open at the servers", "family"),
    onboarding: histogram(
      "onboarding",
      "From a device's first frame to its working address",
      onboardingSeconds,
      "family",
    ),
    phases: histogram(
      "onboarding_phase",
      "The parts of it, by their end: requested since seen, obtained since requested, configured since obtained",
      onboardingSeconds,
      "family",
      "phase",
    ),
    passes: histogram("reconcile", "Passes that make the kernel match the plan", passSeconds, "pass"),
    refused: counter("reconcile_errors", "What the kernel refused"),
    proxyUp: gauge("proxy_up", "Whether the IPv6 proxy runs", "backend"),
    sessions: gauge("proxy_sessions", "Connections over the IPv6 proxy now, by WAN port", "port"),
    sessionsTotal: counter("proxy_connections", "Connections over the IPv6 proxy since it started", "port"),
    proxyBytes: counter(
      "proxy_bytes",
      "Bytes over the IPv6 proxy, received from clients or sent to them",
      "port",
      "direction",
    ),
    checks: gauge("proxy_devices", "Devices by what the proxy's check of a port of theirs says", "check"),
    conntrack: gauge("conntrack_entries", "Connections that the kernel follows"),
    conntrackMost: gauge("conntrack_limit", "Most connections that the kernel follows"),
    hooks: counter("hook_deliveries", "Events handed to a hook, by how that ended", "sink", "outcome"),
    hooksWaiting: gauge("hook_waiting", "Events that wait for a hook", "sink"),
    bytes: counter("device_bytes", "Since the device's identity came up", "mac", "direction"),
    packets: counter("device_packets", "Since the device's identity came up", "mac", "direction"),
  };
}

export type Instruments = ReturnType<typeof makeInstruments>;
