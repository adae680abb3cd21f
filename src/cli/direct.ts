/** What `devices --direct` and `status --direct` print, from plain data that others gathered. */
import { formatWall, type WallTime } from "../base/time.ts";
import { type DeviceStatus, deviceStatuses, type StoredDevice } from "../config/state-device.ts";
import { describeNetwork, type NetworkFacts, networkJson } from "../config/state-network.ts";
import type { PortState } from "../plan/port-state.ts";
import { type Column, type Row, renderTable, type TableOptions } from "./table.ts";
import { longSpan, padTo, type Style, shortSpan, sinceWall, styled, wrap } from "./text.ts";

export interface DeviceRow {
  readonly mac: string;
  readonly hostname: string | null;
  /** On the LAN. */
  readonly lan4: string | null;
  readonly wan4: string | null;
  /** Shown on lines of their own, since an IPv6 address leaves no room beside others. */
  readonly wan6: readonly string[];
  readonly status: DeviceStatus;
  readonly reason: string | null;
  readonly discoveredAt: WallTime | null;
  readonly lastSeen: WallTime | null;
  /** What the kernel says against it, in full sentences, e.g. "The kernel has no interface gw02005e100001." */
  readonly notes: readonly string[];
}

/** The row of a device as the state file has it. */
export const deviceRow = (device: StoredDevice, notes: readonly string[] = []): DeviceRow => ({
  mac: device.mac_address,
  hostname: device.hostname,
  lan4: device.ipv4_address,
  wan4: device.ipv4_wan_address,
  wan6: device.ipv6_address?.split(",").map((a) => a.trim()) ?? [],
  status: device.status,
  reason: device.reason,
  discoveredAt: device.discovered_at,
  lastSeen: device.last_seen,
  notes,
});

/** Only the host name is ever cut: with two addresses of 15 characters it still has 8 of 80 columns. */
const columns: readonly Column[] = [
  { title: "MAC" },
  { title: "HOST", least: 4 },
  { title: "LAN" },
  { title: "WAN IPv4" },
  { title: "STATUS" },
  { title: "SEEN" },
];

export const statusStyles: Readonly<Record<DeviceStatus, Style>> = {
  active: "green",
  pending: "yellow",
  discovering: "yellow",
  inactive: "dim",
  failed: "red",
};

function seen(row: DeviceRow, now: WallTime): string {
  const span = row.lastSeen === null ? undefined : sinceWall(row.lastSeen, now);
  return span === undefined ? "-" : shortSpan(span);
}

const tableRow = (row: DeviceRow, now: WallTime): Row => ({
  cells: [row.mac, row.hostname ?? "-", row.lan4 ?? "-", row.wan4 ?? "-", row.status, seen(row, now)],
  styles: [undefined, undefined, undefined, undefined, statusStyles[row.status]],
  notes: [
    ...(row.reason === null || row.status === "active" ? [] : [row.reason]),
    ...row.wan6.map((address) => `WAN IPv6 ${address}`),
    ...row.notes,
  ],
});

/** `4 devices: 3 active, 1 failed`; `rows` is not empty. */
export function countLine(rows: readonly DeviceRow[]): string {
  const parts = deviceStatuses
    .map((status) => ({ status, count: rows.filter((row) => row.status === status).length }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${status}`);
  return `${rows.length === 1 ? "1 device" : `${rows.length} devices`}: ${parts.join(", ")}`;
}

export interface RenderOptions extends TableOptions {
  readonly now: WallTime;
}

/**
 * A table with one line a device, and beneath it why it has failed and what is odd; then the count.
 * @param problems what is wrong with the gateway, so with all devices, in full sentences
 */
export function renderDevices(
  rows: readonly DeviceRow[],
  options: RenderOptions,
  problems: readonly string[] = [],
): string {
  const table = renderTable(
    columns,
    rows.map((row) => tableRow(row, options.now)),
    options,
  );
  const lines = rows.length === 0 ? ["No devices."] : [...table, "", countLine(rows)];
  return `${[...lines, ...problemLines(problems, options)].join("\n")}\n`;
}

const problemLines = (problems: readonly string[], { color, width }: TableOptions): readonly string[] =>
  problems.length === 0
    ? []
    : ["", styled("Problems", "red", color), ...problems.flatMap((text) => wrap(text, width, "  "))];

const iso = (t: WallTime | null): string | null => (t === null ? null : formatWall(t));

const deviceJson = (row: DeviceRow) => ({
  mac_address: row.mac,
  ipv4_address: row.lan4,
  ipv4_wan_address: row.wan4,
  ipv6_address: row.wan6.length === 0 ? null : row.wan6.join(","),
  status: row.status,
  reason: row.reason,
  hostname: row.hostname,
  discovered_at: iso(row.discoveredAt),
  last_seen: iso(row.lastSeen),
  notes: row.notes,
});

/** The same as JSON, in the shape of the API's `/devices`. */
export const renderDevicesJson = (rows: readonly DeviceRow[]): string =>
  `${JSON.stringify({ total: rows.length, devices: rows.map(deviceJson) }, undefined, 2)}\n`;

/** One of the gateway's two ports as the kernel has it. */
export interface PortStatus {
  readonly interface: string;
  readonly state: PortState;
  /** With prefix lengths. */
  readonly addresses: readonly string[];
}

export interface ProxyCount {
  readonly program: string;
  readonly processes: number;
}

export interface StatusView {
  readonly version: string;
  /** Undefined when no daemon runs. */
  readonly daemon: { readonly pid: number; readonly since: WallTime | null } | undefined;
  readonly configFile: string;
  readonly lan: PortStatus;
  readonly wan: PortStatus & { readonly ownMac: "silent" | "use" };
  readonly stateFile: string;
  /** Null when there is no state file yet. */
  readonly stateWrittenAt: WallTime | null;
  /** What the WAN offered when the state file was written; null when nothing was known. */
  readonly network: NetworkFacts | null;
  /** Programs that lead IPv6 clients to the devices, ours only; those of an earlier run too. */
  readonly proxies: readonly ProxyCount[];
  /** What the kernel holds of ours. */
  readonly kernel: { readonly identities: number; readonly rules: number; readonly nftTable: boolean };
  readonly devices: readonly DeviceRow[];
  /** What is wrong, in full sentences. */
  readonly problems: readonly string[];
}

type OnlyDirect = "stateFile" | "stateWrittenAt" | "proxies" | "kernel";

/** What of it is to be shown: the daemon does not tell all of it. */
export type ShownStatus = Omit<StatusView, OnlyDirect> & Partial<Pick<StatusView, OnlyDirect>>;

function ago(then: WallTime | null, now: WallTime): string {
  const span = then === null ? undefined : sinceWall(then, now);
  return span === undefined ? "" : `${longSpan(span)} ago`;
}

function daemonText({ daemon }: ShownStatus, now: WallTime): string {
  if (daemon === undefined) return "not running";
  const started = ago(daemon.since, now);
  return `running, pid ${daemon.pid}${started === "" ? "" : `, started ${started}`}`;
}

const portText = ({ interface: name, state, addresses }: PortStatus, none: string): string =>
  `${name}, ${state}, ${addresses.length === 0 ? none : addresses.join(", ")}`;

function stateText(stateFile: string, stateWrittenAt: WallTime | null, now: WallTime): string {
  if (stateWrittenAt === null) return `${stateFile}, not there yet`;
  const written = ago(stateWrittenAt, now);
  return written === "" ? stateFile : `${stateFile}, written ${written}`;
}

const plural = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

const kernelText = (kernel: StatusView["kernel"]): string =>
  [
    plural(kernel.identities, "identity", "identities"),
    plural(kernel.rules, "routing rule", "routing rules"),
    kernel.nftTable ? "nftables table in place" : "no nftables table",
  ].join(", ");

const proxyText = (proxies: StatusView["proxies"]): string =>
  proxies.length === 0
    ? "none runs"
    : proxies
        .map(({ program, processes }) => `${program}, ${plural(processes, "process", "processes")}`)
        .join("; ");

export function renderStatus(view: ShownStatus, options: RenderOptions): string {
  const { now, color, width } = options;
  const silent = view.wan.ownMac === "silent" ? "own MAC silent" : "no address";
  const alarm = (bad: boolean): Style | undefined => (bad ? "red" : undefined);
  const fact = (label: string, text: string, style?: Style | undefined): readonly string[] =>
    wrap(text, width - 11, "").map(
      (line, i) => `  ${padTo(i === 0 ? label : "", 9)}${styled(line, style, color)}`,
    );
  const facts = [
    fact("daemon", daemonText(view, now), view.daemon === undefined ? "red" : "green"),
    fact("LAN", portText(view.lan, "no address"), alarm(view.lan.state !== "up")),
    fact("WAN", portText(view.wan, silent), alarm(view.wan.state !== "up")),
    fact("network", view.network ? describeNetwork(view.network) : "not known yet"),
    fact("devices", view.devices.length === 0 ? "none" : countLine(view.devices)),
    view.proxies ? fact("proxy", proxyText(view.proxies)) : [],
    view.kernel ? fact("kernel", kernelText(view.kernel)) : [],
    fact("config", view.configFile),
    view.stateFile === undefined
      ? []
      : fact("state", stateText(view.stateFile, view.stateWrittenAt ?? null, now)),
  ].flat();
  const title = styled(`IPv4-IPv6 gateway ${view.version}`, "bold", color);
  return `${[title, ...facts, ...problemLines(view.problems, options)].join("\n")}\n`;
}

const portJson = ({ interface: name, state, addresses }: PortStatus) => ({
  interface: name,
  state,
  addresses,
});

/** The same as JSON, with the keys of the API's `/status` where it has them. */
export const renderStatusJson = (view: StatusView): string =>
  `${JSON.stringify(
    {
      version: view.version,
      running: view.daemon !== undefined,
      pid: view.daemon?.pid ?? null,
      started_at: iso(view.daemon?.since ?? null),
      config_file: view.configFile,
      state_file: view.stateFile,
      state_written_at: iso(view.stateWrittenAt),
      lan: portJson(view.lan),
      wan: { ...portJson(view.wan), own_mac: view.wan.ownMac },
      network: view.network && networkJson(view.network),
      proxies: view.proxies,
      kernel: {
        identities: view.kernel.identities,
        rules: view.kernel.rules,
        nft_table: view.kernel.nftTable,
      },
      device_count: view.devices.length,
      active_devices: view.devices.filter((row) => row.status === "active").length,
      devices: Object.fromEntries(view.devices.map((row) => [row.mac, deviceJson(row)])),
      problems: view.problems,
    },
    undefined,
    2,
  )}\n`;
