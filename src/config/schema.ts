/**
 * Every setting of the gateway: what it means, what is allowed, its default, and whether a change needs a restart.
 * Types, validation, defaults, `config show`, the JSON Schema and the documentation all come from here.
 */
import * as z from "zod/mini";
import {
  areaLevels,
  clientNetwork,
  directory,
  type Form,
  flag,
  interfaceName,
  type Kind,
  lanAddress,
  listOf,
  macOr,
  macPatterns,
  nat64Prefix,
  oneOf,
  ownNumber,
  pathOrEmpty,
  port,
  portForwards,
  span,
  uriPath,
  webAddress,
  whole,
} from "./kinds.ts";

/** Whether a running gateway takes a change over when it reads its configuration again. */
export type Apply = "live" | "restart";

export interface SettingMeta {
  readonly description: string;
  readonly unit?: string;
  /** Completes the sentence "must be …". */
  readonly allowed: string;
  /** The same for one entry of a list. */
  readonly entry?: string;
  readonly apply: Apply;
  readonly form: Form;
}

export const settingMeta = z.registry<SettingMeta>();
export const sectionMeta = z.registry<{ readonly description: string }>();

function setting<S extends z.ZodMiniType>(
  kind: Kind<S>,
  fallback: Parameters<typeof z.prefault<S>>[1],
  apply: Apply,
  description: string,
): z.ZodMiniPrefault<S> {
  const schema = z.prefault(kind.schema, fallback);
  const { schema: _, ...words } = kind;
  settingMeta.add(schema, { description, ...words, apply });
  return schema;
}

function section<const Shape extends z.core.$ZodShape>(description: string, shape: Shape) {
  const schema = z.strictObject(shape);
  sectionMeta.add(schema, { description });
  // Every setting has a default, so an absent section is an empty one; the compiler cannot see that for a generic shape.
  return z.prefault(schema, {} as never);
}

const lan = section("The side with the IPv4-only devices.", {
  interface: setting(interfaceName, "eth1", "restart", "Interface that the devices are connected to."),
  address: setting(
    lanAddress,
    "192.168.1.1/24",
    "restart",
    "The gateway's own address on the LAN; the devices' default router and name server.",
  ),
  dhcp: setting(
    flag,
    true,
    "restart",
    "Run a DHCP and DNS server for the devices, unless the system already runs one.",
  ),
  dhcp_start: setting(
    whole(1, 16382),
    100,
    "restart",
    "First address of the DHCP pool, counted from the network address (100 in 192.168.1.0/24 is 192.168.1.100).",
  ),
  dhcp_limit: setting(whole(1, 16382, "addresses"), 150, "restart", "Number of addresses in the DHCP pool."),
});

const wan = section("The side of the network that admits registered MAC addresses.", {
  interface: setting(interfaceName, "eth0", "restart", "Interface that leads to the network."),
  own_mac: setting(
    oneOf(["silent", "use"]),
    "silent",
    "restart",
    '"silent": the port\'s own MAC never sends a frame, because it is usually not registered. "use": the port is a host of its own too.',
  ),
  monitor: setting(flag, true, "live", "Watch the network for changes (carrier, router, addresses)."),
  monitor_interval: setting(
    span(1, 3600),
    15,
    "live",
    "Time between looks at the network, besides kernel events.",
  ),
  change_delay: setting(
    span(0, 300),
    5,
    "live",
    "Time to let a changed network settle before devices ask again.",
  ),
  udp_short_way: setting(
    flag,
    true,
    "restart",
    "Hand UDP datagrams that follow in a flow from the LAN straight to the router: one in 2 s passes the firewall's rules. Turn it off where rules or counters of yours have to see each.",
  ),
});

const discovery = section("How devices are found, admitted and forgotten.", {
  poll_interval: setting(
    span(1, 300),
    10,
    "live",
    "Time between looks at the neighbour table; events come at once.",
  ),
  max_devices: setting(whole(1, 10000, "devices"), 1000, "live", "Most devices that are given an identity."),
  offline_after: setting(
    span(1, 2_678_400),
    300,
    "live",
    "Time without a frame after which a device counts as inactive; it keeps its identity.",
  ),
  forget_after: setting(
    span(1, 315_360_000),
    604_800,
    "live",
    "Time without a frame after which a device's leases are released and all of it is removed.",
  ),
  allow: setting(macPatterns, [], "live", "Only these devices are served; an empty list serves all."),
  deny: setting(macPatterns, [], "live", "These devices are never served; deny wins over allow."),
});

const dhcpv4 = section("Asking the network for each device's IPv4 address.", {
  enabled: setting(flag, true, "restart", "Acquire IPv4 addresses."),
  timeout: setting(span(0.1, 120), 15, "live", "Length of one attempt."),
  retries: setting(whole(1, 20, "attempts"), 10, "live", "Attempts before a device counts as failed."),
  retry_delay: setting(span(0, 120), 5, "live", "Pause after a failed attempt; grows with each."),
  failed_retry: setting(
    span(0.1, 86_400),
    60,
    "live",
    "Pause between the slow tries of a device that failed; doubles up to ten times this.",
  ),
  clone_fingerprint: setting(
    flag,
    true,
    "live",
    "Ask with the DHCP options that the device itself used (host name, parameter list, vendor class, client id).",
  ),
  ipv6_only_preferred: setting(
    flag,
    true,
    "live",
    "Where a device's IPv4 can go by 464XLAT, do without an address if the network asks for that (RFC 8925).",
  ),
});

const dhcpv6 = section("Asking the network for each device's IPv6 address.", {
  enabled: setting(flag, true, "restart", "Acquire IPv6 addresses by DHCPv6 where the network wants that."),
  timeout: setting(span(0.1, 120), 10, "live", "Length of one attempt."),
  retries: setting(whole(1, 20, "attempts"), 5, "live", "Attempts before IPv6 counts as failed."),
  retry_delay: setting(span(0, 120), 5, "live", "Pause after a failed attempt; grows with each."),
  failed_retry: setting(
    span(0.1, 86_400),
    60,
    "live",
    "Pause between the slow tries once all attempts failed; doubles up to ten times this, or as far as the server says.",
  ),
});

const slaac = section("IPv6 addresses from router advertisements.", {
  ra_wait: setting(
    span(0.1, 120),
    3,
    "live",
    "Time to wait for an address by SLAAC before DHCPv6 is tried as well.",
  ),
});

const pacing = section("How fast the gateway may show new MACs to the access switch, and speak there.", {
  profile: setting(
    oneOf(["switch-safe", "unlimited"]),
    "switch-safe",
    "live",
    '"switch-safe" stays under 15 ARP or DHCP frames a second, where switches shut a port. "unlimited" is for benches and trusting networks.',
  ),
  devices_per_second: setting(
    ownNumber(0.1, 1000, "devices a second", "decimal"),
    "profile",
    "restart",
    'New devices that get an identity, also after a power cut and when the network changed. "switch-safe" has 2, "unlimited" no limit.',
  ),
  arp_per_second: setting(
    ownNumber(2, 10_000, "frames a second"),
    "profile",
    "restart",
    'Most ARP frames in any second, answers and questions of the kernel included: what is more is dropped. "switch-safe" has 15, "unlimited" no limit.',
  ),
  dhcp_per_second: setting(
    ownNumber(2, 10_000, "frames a second"),
    "profile",
    "restart",
    'Most DHCP frames in any second, of DHCPv4 and DHCPv6 together. "switch-safe" has 14, "unlimited" no limit.',
  ),
  nd_per_second: setting(
    ownNumber(2, 10_000, "frames a second"),
    "profile",
    "restart",
    'Frames of IPv6 neighbour discovery a second: ours are at most half of them, and wait for those of the kernel, which nothing holds up. "switch-safe" has 15, "unlimited" no limit.',
  ),
  burst: setting(
    ownNumber(1, 1000, "frames"),
    "profile",
    "restart",
    'Frames of one kind, or devices, that may go at once; the rest of a second\'s is spread. "switch-safe" has 4.',
  ),
  exchanges: setting(
    ownNumber(1, 4096, "exchanges"),
    "profile",
    "restart",
    "Most questions to DHCP servers that are open at once; how many really are follows how fast the servers answer. Both profiles have 128.",
  ),
});

const forwards = section("Ports of a device's WAN address that lead to the device.", {
  auto: setting(flag, true, "live", "Set up the forwards for each device by itself."),
  primary: setting(
    macOr("auto", "none"),
    "auto",
    "live",
    'Device behind the gateway\'s own WAN address, where it has one: "auto" is the longest known active one.',
  ),
  ports: setting(
    portForwards,
    { 8080: [80, 5000], 2323: 23, 8443: 443, 2222: 22, 5900: 5900, 3389: 3389 },
    "live",
    "Gateway port = port of the device, or several of which the first open one serves. A table given here replaces the default whole.",
  ),
  inbound: setting(
    oneOf(["ports", "all"]),
    "ports",
    "live",
    'What leads to devices that `gateway ipv6-forward` says nothing of: "ports" is the ones above, "all" every TCP and UDP port and echoes too.',
  ),
  clients: setting(
    clientNetwork,
    "198.19.0.0/16",
    "restart",
    "Addresses under which IPv6 clients show themselves to devices that are open as a whole; no network of yours may use them.",
  ),
});

const proxy = section("IPv6 clients to the IPv4 ports of the devices.", {
  backend: setting(
    oneOf(["auto", "socat", "haproxy"]),
    "auto",
    "restart",
    '"auto": HAProxy where it is installed.',
  ),
  send_proxy: setting(
    flag,
    false,
    "restart",
    "Tell the devices each client's address by the PROXY protocol, which they must understand; HAProxy only.",
  ),
  socat_limit: setting(
    whole(1, 10_000, "processes"),
    500,
    "restart",
    "Most socat processes, of about 2 MB each: one for each IPv6 address and port.",
  ),
  stats: setting(flag, true, "restart", "Serve HAProxy's statistics page on the LAN."),
  stats_port: setting(port, 8404, "restart", "Port of the statistics page."),
  stats_uri: setting(uriPath, "/stats", "restart", "Path of the statistics page."),
});

const xlat464 = section("IPv4 of the devices over a network that has only IPv6.", {
  mode: setting(oneOf(["auto", "off"]), "auto", "live", '"auto": where the network has NAT64 and no IPv4.'),
  prefix: setting(nat64Prefix, "", "live", "NAT64 prefix; empty means discovered."),
  exclude: setting(macPatterns, [], "live", "The IPv4 of these devices is not translated."),
  engine: setting(
    oneOf(["auto", "tayga", "jool"]),
    "auto",
    "restart",
    'What translates: "auto" is tayga, and Jool where only that is installed.',
  ),
});

const api = section("The HTTP API and the dashboard; never on the WAN.", {
  enabled: setting(flag, true, "restart", "Serve the API."),
  listen: setting(listOf(["lan", "localhost"]), ["lan", "localhost"], "restart", "Where the API listens."),
  port: setting(port, 5050, "restart", "TCP port of the API."),
  open_reading: setting(flag, true, "restart", "Reading needs no token; changes always do."),
  device_metrics: setting(flag, false, "restart", "Bytes and packets of each device in /metrics."),
  token_file: setting(
    pathOrEmpty,
    "",
    "restart",
    "File with the bearer token that changes need; empty means api-token in state.directory.",
  ),
});

const log = section("What is written down.", {
  file: setting(
    pathOrEmpty,
    "/var/log/ipv4-ipv6-gateway.log",
    "restart",
    "Log file, besides standard error; empty means none.",
  ),
  level: setting(
    oneOf(["debug", "info", "warn", "error"]),
    "info",
    "live",
    "Least important messages to write.",
  ),
  format: setting(
    oneOf(["text", "json", "syslog"]),
    "text",
    "restart",
    '"text": lines for people. "json": an object a line, for programs that collect logs. "syslog": as text, on standard error with <priority> instead of the time, as `logger --prio-prefix` and systemd\'s journal take it; the journal gets that anyway.',
  ),
  max_size: setting(whole(1, 1024, "megabytes"), 5, "restart", "The file is set aside when it is larger."),
  keep: setting(whole(1, 100, "files"), 3, "restart", "Files set aside that are kept."),
  levels: setting(
    areaLevels,
    {},
    "live",
    "Other levels for single areas; changed while running by `gateway log-level`.",
  ),
});

const hooks = section("Who is told when devices come, work, fail or go: a web address, a program, or both.", {
  url: setting(
    webAddress,
    "",
    "restart",
    "Address that each event is sent to (POST of JSON); empty means none.",
  ),
  exec: setting(
    pathOrEmpty,
    "",
    "restart",
    "Program that is run for each event, with the event and the MAC as arguments and JSON on its standard input; empty means none.",
  ),
  events: setting(
    listOf(["new", "active", "failed", "gone"]),
    ["new", "active", "failed", "gone"],
    "restart",
    "What is told: a device is seen for the first time, works, does not get through, is forgotten.",
  ),
  timeout: setting(span(0.1, 300), 10, "restart", "Longest time for one try; a program is killed then."),
  retries: setting(
    whole(0, 100, "tries"),
    10,
    "restart",
    "Tries after the first one; the pause between them doubles from 1 s to 60 s.",
  ),
  secret_file: setting(
    pathOrEmpty,
    "",
    "restart",
    "File with the secret that requests are signed with (HMAC-SHA256 in X-Gateway-Signature); empty means unsigned.",
  ),
  header_file: setting(
    pathOrEmpty,
    "",
    "restart",
    "File with more headers of the requests, a line each, such as the receiver's Authorization; empty means none.",
  ),
});

const state = section("Where the gateway keeps what it must remember.", {
  directory: setting(
    directory(),
    "/etc/ipv4-ipv6-gateway",
    "restart",
    "Directory of devices.json and its backups.",
  ),
  // A Unix socket's path ends at 107 characters (sun_path); room is left for the file names.
  runtime_directory: setting(
    directory(80),
    "/run/ipv4-ipv6-gateway",
    "restart",
    "Directory of files that may be lost at a reboot: sockets, leases of the LAN, generated configurations.",
  ),
});

/** The sections in the order in which people read them. */
export const sections = {
  lan,
  wan,
  discovery,
  dhcpv4,
  dhcpv6,
  slaac,
  pacing,
  forwards,
  proxy,
  xlat464,
  api,
  log,
  hooks,
  state,
} as const;
export type SectionName = keyof typeof sections;

export const configSchema = z.strictObject(sections);

/** The configuration in force: all keys present, times as Duration, addresses as base types. */
export type Config = z.output<typeof configSchema>;
/** The configuration as written in a file, every key optional. */
export type ConfigInput = z.input<typeof configSchema>;

/** One setting with its place, e.g. `lan`, `address`. */
export interface Setting extends SettingMeta {
  readonly section: SectionName;
  readonly key: string;
  readonly schema: z.ZodMiniType;
}

/** All settings in the order of the schema. */
export const settings: readonly Setting[] = Object.entries(sections).flatMap(([name, schema]) =>
  Object.entries(schema.def.innerType.shape).map(([key, shape]) => {
    const meta = settingMeta.get(shape as z.ZodMiniType);
    if (meta === undefined) throw new Error(`${name}.${key} has no description`);
    return { section: name as SectionName, key, schema: shape as z.ZodMiniType, ...meta };
  }),
);

/** The configuration of an empty file. */
export const defaultConfig = (): Config => z.parse(configSchema, {});
