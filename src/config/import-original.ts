/** From the original's `gateway_config.py` to our configuration: the same settings under our names, and what cannot be taken over. */
import { stringify } from "smol-toml";
import type { Parsed } from "../base/parsed.ts";
import { invalid, valid } from "../base/parsed.ts";
import { parseConfig } from "./parse.ts";
import { readPythonConstants } from "./python-constants.ts";
import { showValue } from "./quote.ts";

export interface ImportedConfig {
  /** By section and key. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** TOML of what differs from an empty file. */
  readonly toml: string;
  /** What was left out and why, in full sentences. */
  readonly notes: readonly string[];
}

type Convert = (value: unknown) => unknown;
const same: Convert = (value) => value;
const lower: Convert = (value) => (typeof value === "string" ? value.toLowerCase() : value);
/** `WARNING` and `CRITICAL` are Python's words. */
const level: Convert = (value) =>
  ({ debug: "debug", info: "info", warning: "warn", error: "error", critical: "error" })[
    String(lower(value))
  ] ?? value;
const withPrefix: Convert = (value) =>
  typeof value === "string" && !value.includes("/") ? `${value}/24` : value;

/** Its names, later versions' included; ours as section and key. */
const table: Readonly<Record<string, readonly [key: string, convert: Convert]>> = {
  ETH0_INTERFACE: ["wan.interface", same],
  WAN_INTERFACE: ["wan.interface", same],
  ETH1_INTERFACE: ["lan.interface", same],
  LAN_INTERFACE: ["lan.interface", same],
  LAN_GATEWAY_IP: ["lan.address", withPrefix],
  DHCPV4_TIMEOUT: ["dhcpv4.timeout", same],
  DHCPV4_RETRY_COUNT: ["dhcpv4.retries", same],
  DHCPV4_RETRY_DELAY: ["dhcpv4.retry_delay", same],
  DHCPV6_TIMEOUT: ["dhcpv6.timeout", same],
  DHCPV6_RETRY_COUNT: ["dhcpv6.retries", same],
  DHCPV6_RETRY_DELAY: ["dhcpv6.retry_delay", same],
  SLAAC_WAIT_TIME: ["slaac.ra_wait", same],
  ARP_MONITOR_INTERVAL: ["discovery.poll_interval", same],
  CHECK_INTERVAL: ["discovery.poll_interval", same],
  DEVICE_STATUS_TIMEOUT: ["discovery.offline_after", same],
  MAX_DEVICES: ["discovery.max_devices", same],
  ENABLE_WAN_MONITOR: ["wan.monitor", same],
  WAN_MONITOR_INTERVAL: ["wan.monitor_interval", same],
  WAN_CHANGE_REDISCOVERY_DELAY: ["wan.change_delay", same],
  ENABLE_AUTO_PORT_FORWARDING: ["forwards.auto", same],
  AUTO_PORT_FORWARDS: ["forwards.ports", same],
  PORT_FORWARDS: ["forwards.ports", same],
  IPV6_PROXY_BACKEND: ["proxy.backend", lower],
  HAPROXY_STATS_ENABLE: ["proxy.stats", same],
  HAPROXY_STATS_PORT: ["proxy.stats_port", same],
  HAPROXY_STATS_URI: ["proxy.stats_uri", same],
  API_ENABLED: ["api.enabled", same],
  API_PORT: ["api.port", same],
  LOG_FILE: ["log.file", same],
  LOG_LEVEL: ["log.level", level],
  CONFIG_DIR: ["state.directory", same],
};

/** Names without a counterpart, and what does their work here. */
const answered: Readonly<Record<string, string>> = {
  ENABLE_464XLAT: "xlat464.mode is automatic",
  CLAT_IPV4_POOL: "each device keeps its one address",
  CLAT_IPV6_PREFIX: "the prefix is discovered, or set as xlat464.prefix",
  API_HOST: "the API listens on the LAN and on localhost, never on the WAN (api.listen)",
  ORIGINAL_MAC_FILE: "the port's MAC is never changed",
  DEVICES_FILE: "devices.json in state.directory is read as it is",
  HAPROXY_CONFIG_FILE: "HAProxy's configuration is generated",
  IPV6_PROXY_PORT_FORWARDS: "forwards.ports counts for both families",
  IPV6_PROXY_PORTS: "forwards.ports counts for both families",
};

/** One device at a time was all that its later versions could do. */
const dropped = (name: string, value: unknown): string | undefined =>
  name === "MAX_DEVICES" && value === 1
    ? "its later versions served one device; here it stays at the default"
    : undefined;

type Tables = Record<string, Record<string, unknown>>;

/** The problems of one setting alone. */
function problemsOf(section: string, key: string, value: unknown): readonly string[] {
  const outcome = parseConfig(stringify({ [section]: { [key]: value } }), "import.toml");
  return outcome.ok ? [] : outcome.problems.map((problem) => problem.line);
}

/** Errors: no known setting in it. */
export function importOriginalConfig(text: string): Parsed<ImportedConfig> {
  const { values, unread } = readPythonConstants(text);
  const notes = unread.map((name) => `${name} is not a plain value; it is left out.`);
  const tables: Tables = {};
  for (const [name, given] of values) {
    const [place, convert] = Object.hasOwn(table, name) ? (table[name] ?? []) : [];
    if (place === undefined || convert === undefined) {
      const why = Object.hasOwn(answered, name) ? answered[name] : "the gateway has no such setting";
      notes.push(`${name} is left out: ${why}.`);
      continue;
    }
    const why = take(tables, place, convert(given), dropped(name, given));
    if (why !== undefined) notes.push(`${name} = ${showValue(given)} is left out: ${why}.`);
  }
  if (Object.keys(tables).length === 0) return invalid("it holds none of the original's settings");
  const toml = `# Taken over from gateway_config.py. Every key with its meaning: gateway config show\n${stringify(tables)}`;
  const outcome = parseConfig(toml, "import.toml");
  // Settings that are good each and not together.
  if (!outcome.ok) return invalid(outcome.problems.map(({ line }) => line).join("; "));
  return valid({ settings: tables, toml, notes });
}

/** Why not, or undefined when it was taken. */
function take(tables: Tables, place: string, value: unknown, why: string | undefined): string | undefined {
  const [section = "", key = ""] = place.split(".");
  if (why !== undefined) return why;
  if (value === null || value === "") return "it is empty";
  const problems = problemsOf(section, key, value);
  if (problems.length > 0) return problems.join("; ");
  tables[section] = { ...tables[section], [key]: value };
  return undefined;
}
