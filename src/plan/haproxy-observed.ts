/** What a running HAProxy says of itself on its runtime socket. */
import { backendName, haproxyFiles as files } from "./haproxy-names.ts";

export interface ObservedServer {
  readonly address: string;
  readonly check: number;
  /** Neither in maintenance nor draining. */
  readonly ready: boolean;
  /** Whether its health checks run. */
  readonly checked: boolean;
  /** What they say; true until the first has failed. */
  readonly up: boolean;
}

export interface ObservedTables {
  readonly servers: ReadonlyMap<string, ObservedServer>;
  readonly devices: ReadonlyMap<string, string>;
  readonly ports: ReadonlyMap<string, string>;
}

export interface HaproxyInfo {
  readonly version: string;
  readonly pid: number;
  readonly description: string;
  readonly connections: number;
}

/** The questions whose answers `parseTables` reads. */
export const tablesQuestions = [
  `show servers state ${backendName}`,
  `show map ${files.devices}`,
  `show map ${files.ports}`,
];

/** Answers in the order of `tablesQuestions`. Errors: an Error with what was said instead. */
export function parseTables([servers = "", devices = "", ports = ""]: readonly string[]): ObservedTables {
  return { servers: parseServers(servers), devices: parseMap(devices), ports: parseMap(ports) };
}

/** Columns have names, so that later versions may add some. */
function parseServers(text: string): ObservedTables["servers"] {
  const lines = text.split("\n");
  const header = lines.findIndex((line) => line.startsWith("# be_id "));
  if (header < 0) throw new Error(`HAProxy does not list its servers: ${text.slice(0, 100).trim()}`);
  const names = (lines[header] ?? "").slice(2).split(" ");
  const column = (name: string): number => names.indexOf(name);
  const [name, address, state, admin, checkState, check] = [
    "srv_name",
    "srv_addr",
    "srv_op_state",
    "srv_admin_state",
    "srv_check_state",
    "srv_check_port",
  ].map(column) as [number, number, number, number, number, number];
  const servers = new Map<string, ObservedServer>();
  for (const line of lines.slice(header + 1)) {
    const fields = line.split(" ");
    if (fields.length < names.length) continue;
    const bits = (at: number): number => Number(fields[at]);
    servers.set(fields[name] ?? "", {
      address: fields[address] ?? "",
      check: bits(check),
      // Maintenance and draining, forced or inherited, and an unresolved name; 4 only tells that it began in maintenance.
      ready: (bits(admin) & 0x3b) === 0,
      // Bit 2: enabled (srv_check_state).
      checked: (bits(checkState) & 4) !== 0,
      up: bits(state) !== 0,
    });
  }
  return servers;
}

/** Lines `REFERENCE KEY VALUE`. */
function parseMap(text: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [reference, key, value] = line.split(" ");
    if (value !== undefined && reference?.startsWith("0x") && key !== undefined) map.set(key, value);
    else if (line !== "") throw new Error(`HAProxy does not list a map: ${line.slice(0, 100)}`);
  }
  return map;
}

/** `show info`. */
export function parseInfo(text: string): HaproxyInfo {
  const field = (name: string): string => new RegExp(`^${name}: *(.*)$`, "m").exec(text)?.[1] ?? "";
  return {
    version: field("Version"),
    pid: Number(field("Pid")),
    description: field("description"),
    connections: Number(field("CurrConns")),
  };
}

/** Process id of the master by its own `show proc`; undefined when the answer is none. */
export function parseMaster(text: string): number | undefined {
  const pid = /^(\d+)\s+master\s/m.exec(text)?.[1];
  return pid === undefined ? undefined : Number(pid);
}
