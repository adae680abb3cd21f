import { expect, test } from "vitest";
import { parseCidr6 } from "../base/cidr6.ts";
import { parseIp4 } from "../base/ip4.ts";
import { parseIp6 } from "../base/ip6.ts";
import { parseMac } from "../base/mac.ts";
import { must } from "../base/parsed.ts";
import { seconds, type WallTime, wallPlus, wallTime } from "../base/time.ts";
import { blankDevice } from "../config/state-device.ts";
import {
  type DeviceRow,
  deviceRow,
  renderDevices,
  renderDevicesJson,
  renderStatus,
  renderStatusJson,
  type StatusView,
} from "./direct.ts";

const now = wallTime(Date.UTC(2026, 0, 31, 12));
const ago = (n: number): WallTime => wallPlus(now, seconds(-n));
const row = (mac: string, over: Partial<DeviceRow>): DeviceRow => ({
  ...deviceRow({ ...blankDevice(must(parseMac(mac))), last_seen: ago(3), discovered_at: ago(3600) }),
  ...over,
});

const rows: readonly DeviceRow[] = [
  row("02:00:5e:10:00:01", {
    hostname: "printer-3rd-floor-east",
    lan4: "192.168.1.100",
    wan4: "10.20.0.57",
    status: "active",
  }),
  row("02:00:5e:10:00:02", {
    hostname: "scale",
    lan4: "192.168.100.101",
    wan4: "100.120.100.158",
    wan6: ["2001:db8:1234:5678:200:5eff:fe10:2"],
    status: "active",
    lastSeen: ago(7300),
  }),
  row("02:00:5e:10:00:03", {
    hostname: "evil\x1b[2J\nname",
    lan4: "192.168.1.102",
    status: "failed",
    reason: "no answer to DHCP after 10 attempts: is this MAC registered at the network's firewall?",
  }),
  row("02:00:5e:10:00:04", { status: "discovering", lastSeen: null }),
  row("02:00:5e:10:00:05", {
    lan4: "192.168.1.104",
    wan4: "10.20.0.60",
    status: "active",
    reason: "old news",
    notes: ["The kernel has no interface gw02005e100005."],
  }),
];
const options = { now, width: 80, color: false };

test("devices as a person sees them, in 80 columns", () => {
  const text = renderDevices(rows, options);
  expect(text).toMatchInlineSnapshot(`
    "MAC                HOST      LAN              WAN IPv4         STATUS       SEEN
    02:00:5e:10:00:01  printer…  192.168.1.100    10.20.0.57       active       3s
    02:00:5e:10:00:02  scale     192.168.100.101  100.120.100.158  active       2h
        WAN IPv6 2001:db8:1234:5678:200:5eff:fe10:2
    02:00:5e:10:00:03  evil\\u{…  192.168.1.102    -                failed       3s
        no answer to DHCP after 10 attempts: is this MAC registered at the network's
        firewall?
    02:00:5e:10:00:04  -         -                -                discovering  -
    02:00:5e:10:00:05  -         192.168.1.104    10.20.0.60       active       3s
        The kernel has no interface gw02005e100005.

    5 devices: 1 discovering, 3 active, 1 failed
    "
  `);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("what is wrong with the gateway stands beneath the devices, and where there are none", () => {
  const problems = ["eth0 has no carrier: no device reaches the network until its cable leads somewhere."];
  expect(renderDevices(rows.slice(4), options, problems)).toMatchInlineSnapshot(`
    "MAC                HOST  LAN            WAN IPv4    STATUS  SEEN
    02:00:5e:10:00:05  -     192.168.1.104  10.20.0.60  active  3s
        The kernel has no interface gw02005e100005.

    1 device: 1 active

    Problems
      eth0 has no carrier: no device reaches the network until its cable leads
      somewhere.
    "
  `);
  expect(renderDevices([], options, problems)).toMatch(/^No devices.\n\nProblems\n {2}eth0 has no carrier/);
});

test("no devices", () => {
  expect(renderDevices([], options)).toBe("No devices.\n");
  expect(JSON.parse(renderDevicesJson([]))).toEqual({ total: 0, devices: [] });
});

test("a router that thinks it is 1970 shows no age", () => {
  const text = renderDevices(rows.slice(0, 1), { ...options, now: wallTime(0) });
  expect(text).toMatch(/active {2}-$/m);
});

test("devices as JSON have the keys of the contract", () => {
  expect(JSON.parse(renderDevicesJson(rows)).devices[1]).toEqual({
    mac_address: "02:00:5e:10:00:02",
    ipv4_address: "192.168.100.101",
    ipv4_wan_address: "100.120.100.158",
    ipv6_address: "2001:db8:1234:5678:200:5eff:fe10:2",
    status: "active",
    reason: null,
    hostname: "scale",
    discovered_at: "2026-01-31T11:00:00.000Z",
    last_seen: "2026-01-31T09:58:20.000Z",
    notes: [],
  });
});

const view: StatusView = {
  version: "0.1.0",
  daemon: { pid: 1234, since: ago(7500) },
  configFile: "/etc/ipv4-ipv6-gateway/gateway.toml",
  lan: { interface: "eth1", state: "up", addresses: ["192.168.1.1/24"] },
  wan: { interface: "eth0", state: "no carrier", addresses: [], ownMac: "silent" },
  stateFile: "/etc/ipv4-ipv6-gateway/devices.json",
  stateWrittenAt: ago(12),
  network: {
    ipv4: { offer: "yes", routers: [must(parseIp4("192.0.2.1"))], servers: [must(parseIp4("192.0.2.1"))] },
    ipv6: {
      offer: "yes",
      routers: [must(parseIp6("fe80::1"))],
      slaac: [must(parseCidr6("2001:db8:1234:5678::/64"))],
      stateful: "announced",
      stateless: false,
      nat64: [],
    },
  },
  proxies: [{ program: "haproxy", processes: 2 }],
  kernel: { identities: 3, rules: 42, nftTable: true },
  devices: rows,
  problems: [
    "eth0 has no carrier: nothing can reach the network until its cable is plugged in again.",
    "1 device failed.",
  ],
};

test("status as a person sees it", () => {
  expect(renderStatus(view, options)).toMatchInlineSnapshot(`
    "IPv4-IPv6 gateway 0.1.0
      daemon   running, pid 1234, started 2 h 5 min ago
      LAN      eth1, up, 192.168.1.1/24
      WAN      eth0, no carrier, own MAC silent
      network  IPv4 by DHCP, IPv6 by SLAAC (2001:db8:1234:5678::/64) and stateful
               DHCPv6
      devices  5 devices: 1 discovering, 3 active, 1 failed
      proxy    haproxy, 2 processes
      kernel   3 identities, 42 routing rules, nftables table in place
      config   /etc/ipv4-ipv6-gateway/gateway.toml
      state    /etc/ipv4-ipv6-gateway/devices.json, written 12 s ago

    Problems
      eth0 has no carrier: nothing can reach the network until its cable is plugged
      in again.
      1 device failed.
    "
  `);
});

test("a path that is too long for the line is broken, not cut", () => {
  const text = renderStatus({ ...view, stateFile: `/mnt/${"long-name/".repeat(8)}devices.json` }, options);
  expect(text).toMatch(/devices\.json, written 12 s ago\n/);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("status before the first start", () => {
  const fresh: StatusView = {
    ...view,
    daemon: undefined,
    stateWrittenAt: null,
    network: null,
    devices: [],
    problems: [],
    proxies: [],
    kernel: { identities: 0, rules: 1, nftTable: false },
  };
  expect(renderStatus(fresh, options)).toMatchInlineSnapshot(`
    "IPv4-IPv6 gateway 0.1.0
      daemon   not running
      LAN      eth1, up, 192.168.1.1/24
      WAN      eth0, no carrier, own MAC silent
      network  not known yet
      devices  none
      proxy    none runs
      kernel   0 identities, 1 routing rule, no nftables table
      config   /etc/ipv4-ipv6-gateway/gateway.toml
      state    /etc/ipv4-ipv6-gateway/devices.json, not there yet
    "
  `);
  expect(renderStatus(fresh, { ...options, color: true })).toContain("\x1b[31mnot running\x1b[0m");
});

test("status as JSON", () => {
  const json = JSON.parse(renderStatusJson(view));
  expect(json).toMatchObject({
    running: true,
    pid: 1234,
    started_at: "2026-01-31T09:55:00.000Z",
    wan: { interface: "eth0", state: "no carrier", addresses: [], own_mac: "silent" },
    kernel: { identities: 3, rules: 42, nft_table: true },
    device_count: 5,
    active_devices: 3,
  });
  expect(Object.keys(json.devices)).toHaveLength(5);
});
