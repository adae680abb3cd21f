/** `gateway port-forward`: the manual forwards, in their file; the daemon follows it, whether it runs now or later. */
import { GatewayError } from "../base/errors.ts";
import type { Parsed } from "../base/parsed.ts";
import { addForwards, dropForward, type ForwardStore, loadForwards } from "../config/forwards-edit.ts";
import {
  type ManualForward,
  nameOf,
  type Protocol,
  parseDeviceAddress,
  parsePort,
} from "../config/forwards-file.ts";
import type { Config } from "../config/schema.ts";
import type { Output } from "./config-place.ts";
import { jsonText } from "./json-text.ts";
import { renderTable } from "./table.ts";

/** As typed. */
export interface ForwardArguments {
  readonly gatewayPort: string;
  readonly address: string;
  readonly port: string;
  readonly udp: boolean;
}

/** Where a command about forwards tells what it did, and whether in JSON. */
export type Telling = Pick<Output, "out"> & { readonly json?: boolean };

/** What the original's `quick-device` sets up. */
const quickPorts = [
  [8080, 80],
  [2323, 23],
  [8443, 443],
  [2222, 22],
] as const;

export async function forwardAdd(
  config: Config,
  store: ForwardStore,
  args: ForwardArguments,
  output: Telling,
): Promise<void> {
  await addAll(config, store, [readArguments(args)], output);
}

export async function forwardQuick(
  config: Config,
  store: ForwardStore,
  address: string,
  output: Telling,
): Promise<void> {
  const ip = orUsage(parseDeviceAddress(address));
  const wanted = quickPorts.map(([port, target]) => ({
    protocol: "tcp" as const,
    port,
    address: ip,
    target,
  }));
  await addAll(config, store, wanted, output);
}

/** All of them or none. */
async function addAll(
  config: Config,
  store: ForwardStore,
  wanted: readonly ManualForward[],
  { out, json = false }: Telling,
): Promise<void> {
  const known = await addForwards(config, store, wanted);
  if (json) {
    out(changesJson(wanted.map((f) => ({ ...f, changed: !known.includes(f) }))));
    return;
  }
  for (const f of wanted)
    out(`${nameOf(f)} leads to ${f.address}:${f.target}${known.includes(f) ? " already" : ""}\n`);
  out(`at ${config.lan.address.ip} on the LAN, and at the device's own addresses on the WAN\n`);
}

export async function forwardRemove(
  store: ForwardStore,
  args: ForwardArguments,
  { out, json = false }: Telling,
): Promise<void> {
  const forward = readArguments(args);
  await dropForward(store, forward);
  if (json) out(changesJson([{ ...forward, changed: true }]));
  else out(`${nameOf(forward)} leads nowhere any more\n`);
}

export async function forwardList(
  store: ForwardStore,
  { json, width, color }: { readonly json: boolean; readonly width: number; readonly color: boolean },
  { out }: Pick<Output, "out">,
): Promise<void> {
  const list = await loadForwards(store);
  if (json) {
    out(jsonText({ total: list.length, forwards: list }));
    return;
  }
  if (list.length === 0) {
    out("No manual forwards.\n");
    return;
  }
  const columns = [{ title: "PORT" }, { title: "DEVICE" }, { title: "ITS PORT" }];
  const rows = list.map((f) => ({ cells: [`${f.port}/${f.protocol}`, f.address, String(f.target)] }));
  out(`${renderTable(columns, rows, { width, color }).join("\n")}\n`);
}

const changesJson = (forwards: readonly (ManualForward & { readonly changed: boolean })[]): string =>
  jsonText({ total: forwards.length, forwards });

function readArguments({ gatewayPort, address, port, udp }: ForwardArguments): ManualForward {
  const protocol: Protocol = udp ? "udp" : "tcp";
  return {
    protocol,
    port: orUsage(parsePort(gatewayPort)),
    address: orUsage(parseDeviceAddress(address)),
    target: orUsage(parsePort(port)),
  };
}

/** What was typed makes no sense. */
function orUsage<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  throw new GatewayError("usage", "operator", parsed.error);
}
