/** What the `-direct` commands know without a daemon: the state file held against the kernel. */
import type { WallTime } from "../base/time.ts";
import type { Config } from "../config/schema.ts";
import { type StoredDevice, wanAddresses } from "../config/state-device.ts";
import { parseStateFile } from "../config/state-file.ts";
import type { NetworkFacts } from "../config/state-network.ts";
import { carriedAddresses, notCarried } from "../plan/carried.ts";
import { identityName, nftTable } from "../plan/marks.ts";
import type { Observed } from "../plan/observe.ts";
import { portAddresses } from "../plan/port-addresses.ts";
import { portState, portTroubles } from "../plan/port-state.ts";
import { type DeviceRow, deviceRow, type PortStatus, type ProxyCount, type StatusView } from "./direct.ts";

export interface DirectFacts {
  readonly config: Config;
  readonly configFile: string;
  readonly version: string;
  readonly stateFile: string;
  /** The text of devices.json, or undefined when there is none. */
  readonly stateText: string | undefined;
  /** The same of the devices that a running daemon refuses. */
  readonly refusedText: string | undefined;
  /** What is in the kernel, or one sentence why it cannot be seen. */
  readonly observed: Observed | string;
  readonly daemon: { readonly pid: number; readonly since: WallTime | null } | undefined;
  readonly proxies: readonly ProxyCount[];
  /** What the running daemon finds wrong, in full sentences. */
  readonly troubles: readonly string[];
}

interface State {
  readonly devices: readonly StoredDevice[];
  readonly writtenAt: WallTime | null;
  readonly network: NetworkFacts | null;
  readonly problems: readonly string[];
}

function readState({ stateText, stateFile }: DirectFacts): State {
  if (stateText === undefined) return { devices: [], writtenAt: null, network: null, problems: [] };
  const parsed = parseStateFile(stateText);
  if (!parsed.ok)
    return {
      devices: [],
      writtenAt: null,
      network: null,
      problems: [`${stateFile} is damaged: ${parsed.error}.`],
    };
  const { devices, writtenAt, network } = parsed.value;
  return { devices: [...devices.values()], writtenAt, network, problems: [] };
}

/** A row for each device in the file, with what the kernel says against it, and one for each that is refused. */
export function directDevices(facts: DirectFacts): readonly DeviceRow[] {
  const { devices } = readState(facts);
  const { observed } = facts;
  const refused = readState({ ...facts, stateText: facts.refusedText }).devices.map((d) => deviceRow(d));
  if (typeof observed === "string") return [...devices.map((d) => deviceRow(d)), ...refused];
  // Without the port no device has its interface, which one sentence tells of all.
  const noPort = !observed.ports.has(facts.config.wan.interface);
  const carried = carriedAddresses(observed);
  return [...devices.map((d) => deviceRow(d, noPort ? [] : kernelNotes(d, observed, carried))), ...refused];
}

function kernelNotes(
  device: StoredDevice,
  { resources }: Observed,
  carried: ReadonlySet<string>,
): readonly string[] {
  const ifname = identityName(device.mac_address);
  const identity = resources.find((r) => r.kind === "identity" && r.ifname === ifname);
  if (device.status === "pending" || device.status === "failed") return [];
  if (!identity) return [`The kernel has no interface ${ifname}.`];
  const missing = notCarried(carried, ifname, wanAddresses(device));
  return missing.length === 0 ? [] : [`${ifname} does not carry ${missing.join(", ")}.`];
}

/** Errors: none; what cannot be seen is a problem in the view. */
export function directStatus(facts: DirectFacts): StatusView {
  const { config, daemon } = facts;
  const state = readState(facts);
  const seen = seenOf(facts);
  const resources = seen?.resources ?? [];
  return {
    version: facts.version,
    daemon,
    configFile: facts.configFile,
    lan: portStatus(config.lan.interface, seen),
    wan: { ...portStatus(config.wan.interface, seen), ownMac: config.wan.own_mac },
    stateFile: facts.stateFile,
    stateWrittenAt: state.writtenAt,
    network: state.network,
    proxies: facts.proxies,
    kernel: {
      identities: resources.filter((r) => r.kind === "identity").length,
      rules: resources.filter((r) => r.kind === "rule").length,
      nftTable: hasTable(seen),
    },
    devices: directDevices(facts),
    problems: directProblems(facts),
  };
}

const seenOf = ({ observed }: DirectFacts): Observed | undefined =>
  typeof observed === "string" ? undefined : observed;

const hasTable = (seen: Observed | undefined): boolean =>
  seen?.resources.some((r) => r.kind === "ruleset") === true;

/** What is wrong with the gateway as a whole, in full sentences. */
export function directProblems(facts: DirectFacts): readonly string[] {
  const { config, observed, daemon, troubles } = facts;
  const problems = [...readState(facts).problems];
  if (typeof observed === "string") problems.push(observed);
  if (!daemon) problems.push("No daemon runs: leases are not renewed and new devices are not noticed.");
  const seen = seenOf(facts);
  if (!daemon) return problems;
  if (seen && !hasTable(seen))
    problems.push(`The nftables table ${nftTable.family} ${nftTable.name} is missing.`);
  const port = (name: string): PortStatus => portStatus(name, seen);
  const ports = seen
    ? portTroubles({ wan: port(config.wan.interface), lan: port(config.lan.interface) })
    : [];
  return [...problems, ...ports, ...troubles];
}

function portStatus(ifname: string, observed: Observed | undefined): PortStatus {
  const state = portState(observed?.ports.get(ifname));
  return { interface: ifname, state, addresses: portAddresses(observed, ifname) };
}
