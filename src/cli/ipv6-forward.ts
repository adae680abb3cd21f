/** `gateway ipv6-forward`: which devices are open as a whole, in their file; the daemon follows it, whether it runs now or later. */
import { GatewayError } from "../base/errors.ts";
import type { Parsed } from "../base/parsed.ts";
import { parseDeviceAddress } from "../config/forwards-file.ts";
import { type InboundStore, loadInbound, setInbound } from "../config/inbound-edit.ts";
import { type InboundChoice, parseSource } from "../config/inbound-file.ts";
import type { Config } from "../config/schema.ts";
import type { Output } from "./config-place.ts";
import { jsonText } from "./json-text.ts";
import type { Telling } from "./port-forward.ts";
import { renderTable } from "./table.ts";

/** As typed. */
export interface InboundArguments {
  readonly address: string;
  readonly from: readonly string[];
}

export async function inboundEnable(
  config: Config,
  store: InboundStore,
  args: InboundArguments,
  { out, json = false }: Telling,
): Promise<void> {
  const address = orUsage(parseDeviceAddress(args.address));
  const from = args.from.map((text) => orUsage(parseSource(text)));
  const changed = await setInbound(config, store, { address, inbound: "all", from });
  if (json) {
    out(jsonText({ address, inbound: "all", from, changed }));
    return;
  }
  const already = changed ? "" : " already";
  out(
    `Every TCP and UDP port of ${address} and ping are open${already} to ${from.join(", ") || "everybody"}\n`,
  );
  out("at the device's own addresses on the WAN, of both families\n");
}

export async function inboundDisable(
  config: Config,
  store: InboundStore,
  text: string,
  { out, json = false }: Telling,
): Promise<void> {
  const address = orUsage(parseDeviceAddress(text));
  const changed = await setInbound(config, store, { address, inbound: "ports", from: [] });
  if (json) out(jsonText({ address, inbound: "ports", from: [], changed }));
  else out(`Only listed ports lead to ${address}${changed ? " from now on" : " already"}\n`);
}

export async function inboundStatus(
  config: Config,
  store: InboundStore,
  { json, width, color }: { readonly json: boolean; readonly width: number; readonly color: boolean },
  { out }: Pick<Output, "out">,
): Promise<void> {
  const devices = await loadInbound(store);
  const fallback = config.forwards.inbound;
  if (json) {
    out(jsonText({ default: fallback, total: devices.length, devices }));
    return;
  }
  const columns = [{ title: "DEVICE" }, { title: "OPEN" }, { title: "TO" }];
  if (devices.length > 0) out(`${renderTable(columns, devices.map(rowOf), { width, color }).join("\n")}\n`);
  const rest = devices.length > 0 ? "All other devices" : "All devices";
  out(`${rest}: ${fallback === "all" ? "every port and ping, to everybody" : "listed ports only"}\n`);
}

const rowOf = ({ address, inbound, from }: InboundChoice) => ({
  cells:
    inbound === "all"
      ? [address, "every port and ping", from.join(" ") || "everybody"]
      : [address, "listed ports only", "everybody"],
});

/** What was typed makes no sense. */
function orUsage<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  throw new GatewayError("usage", "operator", parsed.error);
}
