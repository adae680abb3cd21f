import fc from "fast-check";
import { stringify } from "smol-toml";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { parseConfig } from "./parse.ts";
import { type ConfigInput, configSchema, defaultConfig, settings } from "./schema.ts";
import { renderConfig } from "./show.ts";
import { renderUci } from "./uci-text.ts";

type Tables = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const octet = fc.integer({ min: 0, max: 255 }).map((n) => n.toString(16).padStart(2, "0"));
const mac = fc.array(octet, { minLength: 6, maxLength: 6 }).map((o) => o.join(":"));
const pattern = fc.oneof(
  mac,
  fc.array(octet, { minLength: 1, maxLength: 5 }).map((o) => `${o.join("-").toUpperCase()}-*`),
);
const span = (min: number, max: number) =>
  fc.integer({ min: min * 1000, max: max * 1000 }).map((ms) => ms / 1000);
const port = fc.integer({ min: 1, max: 65535 });
const path = fc
  .string({ unit: "grapheme", maxLength: 30 })
  .filter((t) => !/\p{Cc}/u.test(t))
  .map((t) => `/${t}`);
const ports = fc.dictionary(
  port.map(String),
  fc.oneof(port, fc.array(port, { minLength: 2, maxLength: 4 })),
  { maxKeys: 5 },
);
const optional = <T extends Record<string, fc.Arbitrary<unknown>>>(shape: T) =>
  fc.record(shape, { requiredKeys: [] });

/** Configurations that are valid, with every kind of value. */
const input: fc.Arbitrary<ConfigInput> = optional({
  lan: optional({
    interface: fc.constantFrom("eth1", "br-lan", "lan0.5"),
    address: fc.constantFrom("10.0.0.1/18", "192.168.7.254/24"),
    dhcp: fc.boolean(),
    dhcp_start: fc.integer({ min: 1, max: 100 }),
  }),
  wan: optional({
    own_mac: fc.constantFrom("silent", "use"),
    monitor: fc.boolean(),
    change_delay: span(0, 300),
  }),
  discovery: optional({
    poll_interval: span(1, 300),
    allow: fc.array(pattern, { minLength: 1, maxLength: 4 }),
    deny: fc.array(pattern, { maxLength: 4 }),
  }),
  dhcpv4: optional({
    timeout: span(0.1, 120),
    retries: fc.integer({ min: 1, max: 20 }),
    enabled: fc.boolean(),
  }),
  pacing: optional({
    profile: fc.constantFrom("switch-safe", "unlimited"),
    devices_per_second: fc.oneof(fc.constant("profile"), span(0.1, 1000)),
    arp_per_second: fc.oneof(fc.constant("profile"), fc.integer({ min: 2, max: 10_000 })),
    exchanges: fc.oneof(fc.constant("profile"), fc.integer({ min: 1, max: 4096 })),
  }),
  forwards: optional({ primary: fc.oneof(fc.constantFrom("auto", "none"), mac), ports }),
  xlat464: optional({ prefix: fc.constantFrom("", "64:ff9b::/96", "2001:db8::/32") }),
  api: optional({ listen: fc.constantFrom([], ["lan"], ["localhost", "lan"]) }),
  log: optional({ level: fc.constantFrom("debug", "info", "warn", "error"), file: path }),
}) as fc.Arbitrary<ConfigInput>;

test("TOML and UCI of the same settings give the same configuration", () => {
  fc.assert(
    fc.property(input, (given) => {
      const toml = parseConfig(stringify(given), "a.toml");
      expect(toml).toMatchObject({ ok: true });
      expect(parseConfig(renderUci(given as Tables), "/etc/config/ipv4-ipv6-gateway")).toEqual(toml);
    }),
    { numRuns: 500 },
  );
});

test("the effective view reads back as the same configuration", () => {
  fc.assert(
    fc.property(input, (given) => {
      const config = z.parse(configSchema, given);
      expect(parseConfig(renderConfig(config), "a.toml")).toEqual({ ok: true, config });
    }),
    { numRuns: 300 },
  );
});

test("the effective view has every key, and says which are not the default", () => {
  const text = renderConfig(
    z.parse(configSchema, { dhcpv4: { timeout: 0.5 }, discovery: { deny: ["02:00:5e:*"] } }),
  );
  for (const { key, form } of settings) {
    expect(text).toMatch(form === "ports" ? /^\[forwards\.ports\]$/m : new RegExp(`^${key} = `, "m"));
  }
  const changed = text.split("\n").filter((line) => line.includes("# default:"));
  expect(changed).toEqual(['deny = [ "02:00:5e:*" ]  # default: []', "timeout = 0.5  # default: 15"]);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
});

test("one section of the effective view, as people see it", () => {
  const text = renderConfig(defaultConfig());
  expect(text.slice(text.indexOf("# IPv6 addresses from"), text.indexOf("# How fast"))).toBe(
    `# IPv6 addresses from router advertisements.
[slaac]
# Time to wait for an address by SLAAC before DHCPv6 is tried as well.
# Allowed: a number of seconds from 0.1 to 120.
ra_wait = 3  # default

`,
  );
});
