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
import { renderTable } from "./table.ts";

/** As typed. */
export interface ForwardArguments {
  readonly gatewayPort: string;
  readonly address: string;
  readonly port: string;
  readonly udp: boolean;
}

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
  { out }: Pick<Output, "out">,
): Promise<void> {
  await addAll(config, store, [readArguments(args)], out);
}

export async function forwardQuick(
  config: Config,
  store: ForwardStore,
  address: string,
  { out }: Pick<Output, "out">,
): Promise<void> {
  const ip = orUsage(parseDeviceAddress(address));
  const wanted = quickPorts.map(([port, target]) => ({
    protocol: "tcp" as const,
    port,
    address: ip,
    target,
  }));
  await addAll(config, store, wanted, out);
}

/** All of them or none. */
async function addAll(
  config: Config,
  store: ForwardStore,
  wanted: readonly ManualForward[],
  out: (text: string) => void,
): Promise<void> {
  const known = await addForwards(config, store, wanted);
  for (const f of wanted)
    out(`${nameOf(f)} leads to ${f.address}:${f.target}${known.includes(f) ? " already" : ""}\n`);
  out(`at ${config.lan.address.ip} on the LAN, and at the device's own addresses on the WAN\n`);
}

export async function forwardRemove(
  store: ForwardStore,
  args: ForwardArguments,
  { out }: Pick<Output, "out">,
): Promise<void> {
  const forward = readArguments(args);
  await dropForward(store, forward);
  out(`${nameOf(forward)} leads nowhere any more\n`);
}

export async function forwardList(
  store: ForwardStore,
  { json, width, color }: { readonly json: boolean; readonly width: number; readonly color: boolean },
  { out }: Pick<Output, "out">,
): Promise<void> {
  const list = await loadForwards(store);
  if (json) {
    out(`${JSON.stringify({ total: list.length, forwards: list }, undefined, 2)}\n`);
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
