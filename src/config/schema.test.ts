import { expect, test } from "vitest";
import { configJsonSchema } from "./json-schema.ts";
import { parseConfig } from "./parse.ts";
import { defaultConfig, sections, settings } from "./schema.ts";

test("the contract's keys are all there", () => {
  const keys = settings.map((s) => `${s.section}.${s.key}`);
  expect(Object.keys(sections)).toEqual(
    "lan wan discovery dhcpv4 dhcpv6 slaac pacing forwards proxy xlat464 api log hooks state".split(" "),
  );
  expect(keys).toMatchInlineSnapshot(`
    [
      "lan.interface",
      "lan.address",
      "lan.dhcp",
      "lan.dhcp_start",
      "lan.dhcp_limit",
      "wan.interface",
      "wan.own_mac",
      "wan.monitor",
      "wan.monitor_interval",
      "wan.change_delay",
      "wan.udp_short_way",
      "discovery.poll_interval",
      "discovery.max_devices",
      "discovery.offline_after",
      "discovery.forget_after",
      "discovery.allow",
      "discovery.deny",
      "dhcpv4.enabled",
      "dhcpv4.timeout",
      "dhcpv4.retries",
      "dhcpv4.retry_delay",
      "dhcpv4.failed_retry",
      "dhcpv4.clone_fingerprint",
      "dhcpv4.ipv6_only_preferred",
      "dhcpv6.enabled",
      "dhcpv6.timeout",
      "dhcpv6.retries",
      "dhcpv6.retry_delay",
      "dhcpv6.failed_retry",
      "slaac.ra_wait",
      "pacing.profile",
      "pacing.devices_per_second",
      "pacing.arp_per_second",
      "pacing.dhcp_per_second",
      "pacing.nd_per_second",
      "pacing.burst",
      "pacing.exchanges",
      "forwards.auto",
      "forwards.primary",
      "forwards.ports",
      "forwards.inbound",
      "forwards.clients",
      "proxy.backend",
      "proxy.send_proxy",
      "proxy.socat_limit",
      "proxy.stats",
      "proxy.stats_port",
      "proxy.stats_uri",
      "xlat464.mode",
      "xlat464.prefix",
      "xlat464.exclude",
      "xlat464.engine",
      "api.enabled",
      "api.listen",
      "api.port",
      "api.open_reading",
      "api.device_metrics",
      "api.token_file",
      "log.file",
      "log.level",
      "log.format",
      "log.max_size",
      "log.keep",
      "log.levels",
      "hooks.url",
      "hooks.exec",
      "hooks.events",
      "hooks.timeout",
      "hooks.retries",
      "hooks.secret_file",
      "hooks.header_file",
      "state.directory",
      "state.runtime_directory",
    ]
  `);
});

test("every setting says what it is, in a full sentence", () => {
  expect(settings.length).toBeGreaterThan(40);
  for (const { section, key, description, allowed, apply } of settings) {
    expect(description, `${section}.${key}`).toMatch(/^["A-Z].{8,}\.$/);
    expect(allowed.length).toBeGreaterThan(5);
    expect(["live", "restart"]).toContain(apply);
  }
});

test("the defaults pass all checks", () => {
  expect(parseConfig("", "a.toml")).toEqual({ ok: true, config: defaultConfig() });
});

type Node = Readonly<Record<string, unknown>> & { readonly properties?: Readonly<Record<string, Node>> };

test("the JSON Schema is of draft 2020-12 and describes each setting", () => {
  const schema = configJsonSchema() as Node;
  expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
  for (const { section, key, description, apply } of settings) {
    const node = schema.properties?.[section]?.properties?.[key];
    expect(node, `${section}.${key}`).toMatchObject({ description, apply });
    expect(node).toHaveProperty("default");
    expect(node).not.toHaveProperty("form");
  }
  expect(schema.properties?.dhcpv4?.properties?.timeout).toMatchInlineSnapshot(`
    {
      "allowed": "a number of seconds from 0.1 to 120",
      "apply": "live",
      "default": 15,
      "description": "Length of one attempt.",
      "maximum": 120,
      "minimum": 0.1,
      "type": "number",
      "unit": "seconds",
    }
  `);
  expect(schema.properties?.lan).toMatchObject({ type: "object", additionalProperties: false });
});

test("numbers of one's own in [pacing]: what is allowed, and what is not, by name", () => {
  const given = (text: string) => parseConfig(`[pacing]\n${text}`, "a.toml");
  expect(given('arp_per_second = 30\ndevices_per_second = 0.5\nburst = "profile"')).toMatchObject({
    ok: true,
    config: {
      pacing: { arp_per_second: 30, devices_per_second: 0.5, burst: "profile", exchanges: "profile" },
    },
  });
  const wrong = given('arp_per_second = 1\ndhcp_per_second = 2.5\nexchanges = "many"\nnd_per_second = 10001');
  expect(wrong.ok ? [] : wrong.problems.map(({ line }) => line)).toEqual([
    'pacing.arp_per_second = 1: must be "profile" or a whole number from 2 to 10000',
    'pacing.dhcp_per_second = 2.5: must be "profile" or a whole number from 2 to 10000',
    'pacing.nd_per_second = 10001: must be "profile" or a whole number from 2 to 10000',
    'pacing.exchanges = "many": must be "profile" or a whole number from 1 to 4096',
  ]);
  const uci = parseConfig(
    "config gateway 'pacing'\n\toption arp_per_second '20'\n\toption burst 'x'\n",
    "a.uci",
  );
  expect(uci.ok ? [] : uci.problems.map(({ line }) => line)).toEqual([
    'pacing.burst = "x": must be "profile" or a whole number from 1 to 1000',
  ]);
});
