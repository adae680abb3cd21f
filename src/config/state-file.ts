/**
 * `devices.json`: what the gateway remembers of each device over a restart. Everything read from it is validated,
 * because addresses and MACs end up in kernel commands. Text that devices and servers chose (host names, domains) is kept
 * as it came, so that it can be repeated to the byte: escape it before showing it, never put it into a command.
 */
import * as z from "zod/mini";
import { messageOf } from "../base/errors.ts";
import { type Mac, parseMac } from "../base/mac.ts";
import { invalid, type Parsed, valid } from "../base/parsed.ts";
import { formatWall, type WallTime } from "../base/time.ts";
import { renderJson } from "./json-text.ts";
import { valueAt } from "./problems.ts";
import { showValue } from "./quote.ts";
import { deviceSchema, encodeDevice, type StoredDevice } from "./state-device.ts";
import { type NetworkFacts, networkSchema } from "./state-network.ts";
import { isOriginal, readOriginal } from "./state-original.ts";
import { maybe, wall } from "./state-values.ts";

export const stateVersion = 1;

const fileSchema = z.object({
  version: z.literal(stateVersion),
  written_at: wall,
  network: maybe(networkSchema),
  devices: z.record(
    z.string().check(
      z.refine((key) => {
        const m = parseMac(key);
        return m.ok && m.value === key;
      }),
    ),
    deviceSchema,
  ),
});

export interface StateFile {
  readonly writtenAt: WallTime;
  /** What the WAN offered then; null when nothing was known. */
  readonly network: NetworkFacts | null;
  readonly devices: ReadonlyMap<Mac, StoredDevice>;
}

export interface ReadState extends StateFile {
  readonly origin: "gateway" | "original devices.json" | "original device.json";
  /** What an import left out, in full sentences; empty for our own file. */
  readonly notes: readonly string[];
}

/** Reads our own file, or one of the original's for an import. Never throws; one wrong device refuses the whole file. */
export function parseStateFile(text: string): Parsed<ReadState> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (thrown) {
    return invalid(`not JSON: ${showValue(messageOf(thrown))}`);
  }
  if (isOriginal(json)) return readOriginal(json);
  const version = valueAt(json, ["version"]);
  if (typeof version === "number" && version > stateVersion) {
    return invalid(
      `written by a newer gateway: version ${version}, this one reads up to ${stateVersion}; update the gateway or move the file away`,
    );
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) return invalid(describeIssue(parsed.error.issues[0], json));
  return collect(parsed.data);
}

function collect({ written_at, network, devices }: z.output<typeof fileSchema>): Parsed<ReadState> {
  const map = new Map<Mac, StoredDevice>();
  for (const [key, device] of Object.entries(devices)) {
    if (key !== device.mac_address) {
      return invalid(`devices.${key}.mac_address is ${device.mac_address}: the two must be equal`);
    }
    map.set(device.mac_address, device);
  }
  return valid({ writtenAt: written_at, network, devices: map, origin: "gateway", notes: [] });
}

function describeIssue(issue: z.core.$ZodIssue | undefined, json: unknown): string {
  const path = issue?.path.map(String) ?? [];
  if (path.length === 0)
    return "not a state file of the gateway: an object with version, written_at and devices is meant";
  if (issue?.code === "invalid_key") {
    return `devices has the key ${showValue(path.at(-1))}, which is not a MAC address in lower case with colons`;
  }
  return `${path
    .map((part) => part.slice(0, 40))
    .map(showPart)
    .join(".")} is ${showValue(valueAt(json, path))}, which is not allowed there`;
}

const showPart = (part: string): string => (/^[\w:]+$/.test(part) ? part : showValue(part));

/** The file's text: devices by MAC, keys in the order of the schema, two spaces. Reads back as the same state. */
export function renderStateFile({ writtenAt, network, devices }: StateFile): string {
  const lines = [...devices.keys()].sort().map((key) => renderDeviceLine(devices.get(key) as StoredDevice));
  const [before, after] = around(writtenAt, network, lines.length === 0);
  return `${before}${lines.join(",\n")}${after}`;
}

const deviceIndent = "    ";

/** One device as it stands in the file, with its key. */
export const renderDeviceLine = (device: StoredDevice): string =>
  `${deviceIndent}"${device.mac_address}": ${renderJson(encodeDevice(device), deviceIndent)}`;

const encoder = new TextEncoder();
const comma = encoder.encode(",\n");

/** The same file, in UTF-8, from devices that are rendered, encoded and in order already. */
export function joinStateFile(
  writtenAt: WallTime,
  network: NetworkFacts | null,
  lines: readonly Uint8Array[],
): Uint8Array {
  const [before, after] = around(writtenAt, network, lines.length === 0).map((text) => encoder.encode(text));
  const parts = [
    ...[before as Uint8Array],
    ...lines.flatMap((line, n) => (n === 0 ? [line] : [comma, line])),
    ...[after as Uint8Array],
  ];
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** What stands before and after the devices. */
function around(
  writtenAt: WallTime,
  network: NetworkFacts | null,
  isEmpty: boolean,
): readonly [string, string] {
  const facts = network ? renderJson(z.encode(networkSchema, network), "  ") : "null";
  const before = `{
  "version": ${stateVersion},
  "written_at": "${formatWall(writtenAt)}",
  "network": ${facts},
  "devices": {`;
  return isEmpty ? [before, "}\n}\n"] : [`${before}\n`, "\n  }\n}\n"];
}
