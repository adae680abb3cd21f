/** `gateway port-forward`: the manual forwards, in their file; the daemon follows it, whether it runs now or later. */
import type { Interface4 } from "../base/cidr4.ts";
import { GatewayError } from "../base/errors.ts";
import { invalid, type Parsed } from "../base/parsed.ts";
import {
  addForward,
  type Holders,
  type ManualForward,
  nameOf,
  type Protocol,
  parseDeviceAddress,
  parseForwardsFile,
  parsePort,
  removeForward,
  renderForwardsFile,
} from "../config/forwards-file.ts";
import type { Config } from "../config/schema.ts";
import type { Output } from "./config-commands.ts";
import { renderTable } from "./table.ts";

/** Where the forwards are kept. */
export interface ForwardStore {
  load(): Promise<string | undefined>;
  /** Errors: GatewayError "state-write-failed"; the old ones stay. */
  save(text: string): Promise<void>;
  /** Programs of this machine that listen where the LAN could reach them, by `TCP port 22` and the like. */
  listening(forwards: readonly ManualForward[], lan: Interface4): Promise<Holders>;
}

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
  const before = await load(store);
  const lan = config.lan.address;
  const holders = new Map([...(await store.listening(wanted, lan)), ...ownPorts(config)]);
  let list = before;
  for (const forward of wanted) list = orRefuse(addForward(list, forward, lan, holders));
  if (list !== before) await store.save(renderForwardsFile(list));
  for (const f of wanted) {
    const known = before.some((b) => nameOf(b) === nameOf(f));
    out(`${nameOf(f)} leads to ${f.address}:${f.target}${known ? " already" : ""}\n`);
  }
  out(`at ${lan.ip} on the LAN, and at the device's own addresses on the WAN\n`);
}

export async function forwardRemove(
  store: ForwardStore,
  args: ForwardArguments,
  { out }: Pick<Output, "out">,
): Promise<void> {
  const forward = readArguments(args);
  await store.save(renderForwardsFile(orRefuse(removeForward(await load(store), forward))));
  out(`${nameOf(forward)} leads nowhere any more\n`);
}

export async function forwardList(
  store: ForwardStore,
  { json, width, color }: { readonly json: boolean; readonly width: number; readonly color: boolean },
  { out }: Pick<Output, "out">,
): Promise<void> {
  const list = await load(store);
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

async function load(store: ForwardStore): Promise<readonly ManualForward[]> {
  const text = await store.load();
  if (text === undefined) return [];
  const parsed = parseForwardsFile(text);
  return orRefuse(parsed.ok ? parsed : invalid(`the file of forwards cannot be used: ${parsed.error}`));
}

/** What the gateway itself answers, or is answered, on its LAN address and on the identities. */
function ownPorts({ api, proxy }: Config): Holders {
  const own: (readonly [Protocol, number, string])[] = [
    ["tcp", 53, "the gateway's name server"],
    ["udp", 53, "the gateway's name server"],
    ["udp", 67, "DHCP"],
    ["udp", 68, "DHCP"],
    ["udp", 546, "DHCPv6"],
    ["udp", 547, "DHCPv6"],
    ["tcp", api.port, "the gateway's API (api.port)"],
    ["tcp", proxy.stats_port, "the proxy's statistics page (proxy.stats_port)"],
  ];
  return new Map(own.map(([protocol, port, holder]) => [nameOf({ protocol, port }), holder]));
}

function orRefuse<T>(parsed: Parsed<T>, code = "forward-refused"): T {
  if (parsed.ok) return parsed.value;
  throw new GatewayError(code, "operator", parsed.error);
}

/** What was typed makes no sense. */
const orUsage = <T>(parsed: Parsed<T>): T => orRefuse(parsed, "usage");
