/** Gathers what `gateway diagnose` judges: files, kernel, processes, questions on the wire. Part of the composition root. */
import { existsSync } from "node:fs";
import { access, constants } from "node:fs/promises";
import { inboundFile } from "../app/forwards/inbound-choices.ts";
import { forwardsFile } from "../app/forwards/manual-forwards.ts";
import { proxyMarkers } from "../app/proxy/proxies.ts";
import { observe } from "../app/reconcile/observe.ts";
import { refusalsFile } from "../app/state/refusals.ts";
import { parseTroubles, troublesFile } from "../app/state/troubles.ts";
import { messageOf } from "../base/errors.ts";
import type { ConfigPlace } from "../cli/config-place.ts";
import { parseForwardsFile } from "../config/forwards-file.ts";
import { parseInboundFile } from "../config/inbound-file.ts";
import type { Config } from "../config/schema.ts";
import { parseStateFile, type ReadState } from "../config/state-file.ts";
import type {
  DaemonFacts,
  DiskFact,
  Facts,
  NeighbourFact,
  ProxyFacts,
  Seen,
  StateFacts,
} from "../diagnose/facts.ts";
import { forwardingInterfaces } from "../diagnose/kernel-state.ts";
import { systemClock } from "../io/clock.ts";
import { diskAt } from "../io/disk.ts";
import { systemKernel } from "../io/kernel/kernel.ts";
import { readSysctl } from "../io/kernel/sysctl.ts";
import { checkTools, missingForProxy } from "../io/kernel/tools.ts";
import { descriptorsOf, holdsAbstractSocket, processTable, udpPorts } from "../io/process-table.ts";
import { systemProcesses } from "../io/processes.ts";
import { ask } from "../io/runtime-socket.ts";
import { haproxyFiles } from "../plan/haproxy-names.ts";
import { type ObservedTables, parseTables, tablesQuestions } from "../plan/haproxy-observed.ts";
import { list, mac, text } from "../plan/json-fields.ts";
import { forwardingKey } from "../plan/sysctls.ts";
import type { Kernel } from "../ports/kernel.ts";
import { apiFacts, liveDevices, withLive } from "./diagnose-api.ts";
import { clockFacts } from "./diagnose-clock.ts";
import { nat64Facts } from "./diagnose-nat64.ts";
import { dhcpOffers, reached, resolvers } from "./diagnose-probes.ts";
import { serviceFacts, uciFacts } from "./diagnose-system.ts";
import { onTheWire } from "./diagnose-wire.ts";
import { findDaemon, pidFile, readText, stateFile } from "./files-of.ts";

export interface GatherOptions {
  readonly config: Config;
  readonly place: ConfigPlace;
  /** Ask in the name of every identity, not of a few. */
  readonly probeAll: boolean;
  /** A part has been looked at. */
  readonly onStep: (what: string) => void;
}

/** What rejects is a fact, too: why it could not be seen. */
async function seen<T>(what: string, task: Promise<T>): Promise<Seen<T>> {
  return task.catch((thrown: unknown) => ({ unseen: `${what} cannot be read: ${messageOf(thrown)}.` }));
}

/** Never rejects for what cannot be looked at. The devices are asked a few TCP connections, the networks a few frames and questions. */
export async function gatherFacts({ config, place, probeAll, onStep }: GatherOptions): Promise<Facts> {
  const step = async <T>(what: string, task: Promise<T>): Promise<T> => {
    const result = await task;
    onStep(what);
    return result;
  };
  const daemon = await step("the gateway's process", daemonFacts(config));
  // Before the kernel: what the gateway says of a device that comes up just now is in the kernel by then.
  const [api, live] = await Promise.all([
    step("the API", apiFacts(config, daemon.pid)),
    liveDevices(config, daemon.pid),
  ]);
  const [kernel, nftables, neighbours, processes, listeners, udp] = await Promise.all([
    step("interfaces, addresses, routes", seen("The kernel", observe(withoutNft, []))),
    step("nftables", readNftables()),
    seen("The neighbour table", neighbourFacts()),
    step("processes", processTable()),
    step("listening sockets", systemProcesses.listeners()),
    udpPorts(),
  ]);
  const stored = await step("files", stateFacts(config));
  const state = live ? { ...stored, devices: withLive(stored.devices, live) } : stored;
  const forwards = await forwardFacts(config);
  const inbound = await inboundFacts(config);
  const sight = { config, kernel, daemon, state, forwards };
  const [offers, wire, nat64, clock, ports, names, proxy, missing, disks] = await Promise.all([
    step("other DHCP servers on the LAN", dhcpOffers(sight)),
    step("the router, in the devices' names, and what leaves the WAN port", onTheWire(sight, probeAll)),
    step("the NAT64", nat64Facts(sight)),
    step("time servers", clockFacts(sight)),
    step("the devices' ports", reached(sight)),
    step("name servers", resolvers(sight)),
    step("the IPv6 proxy", proxyFacts(config)),
    step("programs and kernel parts", missingParts(config)),
    step("disks", diskFacts(config)),
  ]);
  return {
    now: systemClock.wall(),
    isRoot: isRoot(),
    config,
    configFile: { path: place.path, isThere: existsSync(place.path) },
    service: serviceFacts(),
    daemon,
    api,
    state,
    forwards,
    inbound,
    kernel,
    settings: settingsOf([
      ...forwardingInterfaces({ config, kernel }).map(forwardingKey),
      "net/netfilter/nf_conntrack_count",
      "net/netfilter/nf_conntrack_max",
    ]),
    neighbours,
    nftables,
    processes,
    listeners,
    udpPorts: udp,
    resolvers: names,
    proxy,
    reached: ports,
    dhcpOffers: offers,
    ...wire,
    nat64,
    clock,
    missing,
    disks,
    uci: await uciFacts(),
  };
}

/** Rules are looked at apart from the rest, which everybody may see. */
const withoutNft: Kernel = { ...systemKernel, nftJson: async () => undefined };

const isRoot = (): boolean => process.getuid?.() === 0;

async function readNftables(): Promise<Seen<unknown>> {
  if (!isRoot()) return { unseen: "Only root can look at nftables." };
  return seen("nftables", systemKernel.nftJson(["list", "ruleset"]));
}

async function neighbourFacts(): Promise<readonly NeighbourFact[]> {
  const shown = await Promise.all([
    systemKernel.ipJson(["-4", "neighbour", "show"]),
    systemKernel.ipJson(["-6", "neighbour", "show"]).catch(() => []),
  ]);
  return shown.flatMap(list).map((entry) => ({
    ifname: text(entry.dev),
    ip: text(entry.dst),
    mac: mac(entry.lladdr),
    states: Array.isArray(entry.state) ? entry.state.map(text) : [],
  }));
}

async function daemonFacts(config: Config): Promise<DaemonFacts> {
  const path = pidFile(config);
  const found = await findDaemon(config);
  const pid = found?.pid;
  return {
    pid,
    pidFile: { path, isThere: existsSync(path) },
    isLocked: await holdsAbstractSocket("ipv4-ipv6-gateway"),
    descriptors: pid === undefined ? undefined : await seen("The gateway's open files", descriptorsOf(pid)),
    // What a killed one left behind holds no more.
    troubles:
      pid === undefined
        ? []
        : parseTroubles(await readText(troublesFile(config.state.runtime_directory)).catch(() => undefined)),
  };
}

const backups = [1, 2, 3];

async function stateFacts(config: Config): Promise<StateFacts> {
  const path = stateFile(config);
  const hidden = await hiddenBecause(path);
  const main = hidden ? undefined : await readState(path);
  const refused = await readState(refusalsFile(config.state.runtime_directory));
  const good =
    typeof main === "string"
      ? (
          await Promise.all(
            backups.map(async (n) => [`${path}.${n}`, await readState(`${path}.${n}`)] as const),
          )
        ).find(([, state]) => typeof state === "object")?.[0]
      : undefined;
  const state = typeof main === "object" ? main : undefined;
  return {
    path,
    hidden,
    damage: typeof main === "string" ? main : undefined,
    goodBackup: good,
    writtenAt: state?.writtenAt,
    network: state?.network ?? undefined,
    devices: [...(state?.devices.values() ?? [])],
    refused: typeof refused === "object" ? [...refused.devices.values()] : [],
  };
}

async function hiddenBecause(path: string): Promise<string | undefined> {
  const mayNot = await access(path, constants.R_OK).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === "EACCES" || error.code === "EPERM",
  );
  return mayNot ? `Only root may read ${path}.` : undefined;
}

/** Text: why it cannot be used. Undefined: there is none. */
async function readState(path: string): Promise<ReadState | string | undefined> {
  const content = await readText(path).catch((thrown: unknown) => new Error(messageOf(thrown)));
  if (content instanceof Error) return content.message;
  if (content === undefined) return undefined;
  const parsed = parseStateFile(content);
  return parsed.ok ? parsed.value : parsed.error;
}

async function forwardFacts({ state }: Config): Promise<Facts["forwards"]> {
  const path = forwardsFile(state.directory);
  const content = await readText(path).catch(() => undefined);
  if (content === undefined) return undefined;
  const parsed = parseForwardsFile(content);
  return parsed.ok ? parsed.value : { unseen: `${path} cannot be used: ${parsed.error}.` };
}

async function inboundFacts({ state }: Config): Promise<Facts["inbound"]> {
  const path = inboundFile(state.directory);
  const content = await readText(path).catch(() => undefined);
  if (content === undefined) return undefined;
  const parsed = parseInboundFile(content);
  return parsed.ok ? parsed.value : { unseen: `${path} cannot be used: ${parsed.error}.` };
}

async function proxyFacts({ state }: Config): Promise<ProxyFacts> {
  const markers = proxyMarkers(state.runtime_directory);
  const [haproxy, socat] = await Promise.all([
    systemProcesses.find(markers.haproxy),
    systemProcesses.find(markers.socat),
  ]);
  if (haproxy.length > 0) {
    const socket = `${state.runtime_directory}/${haproxyFiles.socket}`;
    const silence = await ask(socket, "show info", { timeoutMs: 1500, longestAnswer: 65_536 }).then(
      () => undefined,
      messageOf,
    );
    const tables = silence === undefined ? await seen("HAProxy's maps", haproxyTables(socket)) : undefined;
    return { kind: "haproxy", pids: haproxy, silence, tables };
  }
  return { kind: socat.length > 0 ? "socat" : "none", pids: socat, silence: undefined, tables: undefined };
}

/** Room for the lines of some thousand devices. */
const tablesLimits = { timeoutMs: 1500, longestAnswer: 16 * 1024 * 1024 };

/** Errors: no answer, or another than expected. */
async function haproxyTables(socket: string): Promise<ObservedTables> {
  return parseTables(await Promise.all(tablesQuestions.map((line) => ask(socket, line, tablesLimits))));
}

async function missingParts({ lan, proxy }: Config): Promise<Facts["missing"]> {
  const [tools, kernelPart, haproxy, socat] = await Promise.all([
    checkTools(systemProcesses, { dnsmasq: lan.dhcp }),
    missingForProxy().catch(messageOf),
    systemProcesses.has("haproxy"),
    systemProcesses.has("socat"),
  ]);
  const wants = { auto: haproxy || socat, haproxy, socat }[proxy.backend];
  const program = wants
    ? undefined
    : `IPv6 clients cannot reach the devices: ${proxy.backend === "auto" ? "neither HAProxy nor socat" : proxy.backend} is not installed`;
  return { tools, proxy: kernelPart ?? program };
}

async function diskFacts({ state, log }: Config): Promise<readonly DiskFact[]> {
  const places = [
    { path: state.directory, what: "state" as const },
    { path: state.runtime_directory, what: "runtime" as const },
    ...(log.file === "" ? [] : [{ path: log.file.replace(/\/[^/]*$/, "") || "/", what: "log" as const }]),
  ];
  const facts = places.map(async (place) => ({ ...place, ...(await diskAt(place.path)) }));
  return (await Promise.allSettled(facts)).flatMap((r) => (r.status === "fulfilled" ? [r.value] : []));
}

function settingsOf(keys: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    keys.flatMap((key) => {
      try {
        const value = readSysctl(key);
        return value === undefined ? [] : [[key, value] as const];
      } catch {
        return [];
      }
    }),
  );
}
