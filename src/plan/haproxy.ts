/** The configuration of our own HAProxy (2.6 and later): a static part, and the devices at its end. */
import { backendName as backend, haproxyFiles as files, frontendName } from "./haproxy-names.ts";
import type { HaproxyServer, HaproxyTables } from "./haproxy-tables.ts";
import type { AutoPort, StatsPage } from "./proxy.ts";

export interface HaproxySettings {
  readonly ports: readonly AutoPort[];
  /** Undefined when the port is not to be had. */
  readonly exceptionsListener: number | undefined;
  readonly stats?: StatsPage | undefined;
  readonly sendProxy: boolean;
  readonly maxConnections: number;
  /** Whether each connection leaves a line in the ring. */
  readonly logConnections: boolean;
  /** Whether the workers can become nobody; in a user namespace there may be no such user. */
  readonly dropRights: boolean;
}

export interface HaproxyStatic {
  readonly text: string;
  /** What a running instance says of itself (`show info`) when it runs with this text. */
  readonly description: string;
  readonly sendProxy: boolean;
}

/** Keeps a bad device from being asked often, and finds out within seconds that it is back. */
const checking = "inter 30s fastinter 5s downinter 15s rise 1 fall 2";

/** What follows a server's address, in the configuration and in `add server` alike. */
export const serverOptions = ({ check }: HaproxyServer, sendProxy: boolean): string =>
  `check port ${check} ${checking}${sendProxy ? " send-proxy" : ""}`;

export function renderHaproxyStatic(settings: HaproxySettings): HaproxyStatic {
  const { ports, exceptionsListener, stats, sendProxy } = settings;
  const sections = [
    renderRing,
    renderDefaults(settings),
    ...ports.map(renderFrontend),
    ...(exceptionsListener === undefined ? [] : [renderExceptions(exceptionsListener)]),
    ...(stats ? [renderStats(stats)] : []),
    renderBackend,
  ];
  const server = serverOptions({ address: "" as HaproxyServer["address"], check: 0 }, sendProxy);
  const text = [renderGlobal(settings), ...sections].map((lines) => lines.join("\n")).join("\n\n");
  const description = `gateway-${fingerprint(text + server)}`;
  return {
    text: `# Written by the gateway; changes are lost.\nglobal\n  description ${description}\n${text}\n`,
    description,
    sendProxy,
  };
}

/** The whole file. */
export function renderHaproxy({ text, sendProxy }: HaproxyStatic, { servers }: HaproxyTables): string {
  const lines = [...servers].map(
    ([name, server]) => `  server ${name} ${server.address} ${serverOptions(server, sendProxy)}\n`,
  );
  return `${text}${lines.join("")}`;
}

const renderGlobal = ({ maxConnections, dropRights }: HaproxySettings): readonly string[] => [
  "  default-path config",
  `  stats socket unix@${files.socket} mode 600 level admin expose-fd listeners`,
  `  maxconn ${maxConnections}`,
  "  spread-checks 50",
  ...(dropRights ? ["  uid 65534", "  gid 65534", `  chroot ${files.root}`] : []),
];

/** Logs go to memory of a fixed size, which outlives us and cannot fill a disk; `show events gateway` prints it. */
const renderRing = ["ring gateway", "  format iso", "  maxlen 1000", "  size 262144"];

/**
 * Idle connections, such as telnet's, live for a day; a client that is gone is found by keep-alive within a quarter of an hour: after 120 s, and the system's own
 * nine probes. Each keep-alive setting is a system call for each connection, and devices that are gone are noticed otherwise. A device that refuses is not asked
 * again: the client hears at once.
 */
const renderDefaults = ({ logConnections }: HaproxySettings): readonly string[] => [
  "defaults",
  "  mode tcp",
  `  log ring@gateway len 1000 format raw local0 ${logConnections ? "info" : "notice"}`,
  '  log-format "client=%ci client_port=%cp address=%fi port=%[var(txn.wan)] server=%s server_port=%sp sent=%B ms=%Tt end=%ts"',
  // A line that nobody is to see is not put together.
  ...(logConnections ? [] : ["  option dontlog-normal"]),
  "  timeout connect 10s",
  "  timeout client 1d",
  "  timeout server 1d",
  "  retries 0",
  "  option splice-auto",
  "  option clitcpka",
  "  clitcpka-idle 120s",
];

/** The destination decides: its own device, and nobody else's. */
const toDevice = [
  `  tcp-request connection reject unless { dst,map_ip(${files.devices}) -m found }`,
  "  tcp-request content set-var(txn.wan) dst_port",
  `  tcp-request content set-var(txn.device) dst,map_ip(${files.devices})`,
];
const toPort = ["  tcp-request content set-dst-port var(txn.port)", `  default_backend ${backend}`];
const lookUp = (defaultPort: number): string =>
  `  tcp-request content set-var(txn.port) var(txn.device),concat(:,txn.wan),map_str_int(${files.ports},${defaultPort})`;

/** `transparent`: only such a socket may take what the ruleset hands over. */
const listen = (port: number): string => `  bind [::1]:${port} transparent v6only`;

/** While ports change, rules and listeners may be of different minds for a moment: then nothing rather than the wrong port. */
const renderFrontend = ({ port, target, listener }: AutoPort): readonly string[] => [
  `frontend ${frontendName(port, target)}`,
  listen(listener),
  `  tcp-request connection reject unless { dst_port ${port} }`,
  ...toDevice,
  lookUp(target),
  ...toPort,
];

const renderExceptions = (listener: number): readonly string[] => [
  "frontend ipv6_forwards",
  listen(listener),
  ...toDevice,
  lookUp(0),
  "  tcp-request content reject if { var(txn.port) -m int 0 }",
  ...toPort,
];

/** `transparent`: the LAN port may still be without its address. */
const renderStats = ({ address, port, uri }: StatsPage): readonly string[] => [
  "listen stats",
  "  mode http",
  `  bind ${address}:${port} transparent`,
  "  maxconn 50",
  "  timeout http-request 10s",
  "  timeout client 30s",
  "  stats enable",
  `  stats uri ${uri}`,
  "  stats refresh 10s",
];

/** `force-persist`: a failed health check is for people to see; it must not lead to another device. */
const renderBackend = [
  `backend ${backend}`,
  "  use-server %[var(txn.device)] if TRUE",
  "  force-persist if TRUE",
];

/** FNV-1a, 64 bits: tells texts apart, keeps no secret. */
function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const character of text) {
    hash ^= BigInt(character.codePointAt(0) ?? 0);
    hash = BigInt.asUintN(64, hash * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, "0");
}
