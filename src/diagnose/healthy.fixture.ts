/** A gateway with two devices of both families that has nothing wrong, for tests. */
import { type WallTime, wallTime } from "../base/time.ts";
import { defaultConfig } from "../config/schema.ts";
import { blankDevice, type StoredDevice } from "../config/state-device.ts";
import type { ObservedTables } from "../plan/haproxy-observed.ts";
import { identityName } from "../plan/marks.ts";
import type { Observed, PortFacts } from "../plan/observe.ts";
import type { Resource } from "../plan/resource.ts";
import { anywhere, ip, ip6, mac, net6 } from "../plan/sample.fixture.ts";
import { forwardingKey } from "../plan/sysctls.ts";
import type { ArpFact, Facts } from "./facts.ts";

/** 2026-01-31 12:00 UTC. */
export const now: WallTime = wallTime(1_769_860_800_000);
export const router = ip("192.0.2.1");
export const routerMac = mac("00:aa:00:00:00:01");
const port = (address: string): PortFacts => ({ mac: mac(address), mtu: 1500, up: true, carrier: true });

export const later = (minutes: number): WallTime => wallTime(now + minutes * 60_000);

export const deviceOf = (n: number): StoredDevice => ({
  ...blankDevice(mac(`02:00:5e:10:00:0${n}`)),
  ipv4_address: ip(`192.168.1.10${n}`),
  ipv4_wan_address: ip(`192.0.2.1${n}`),
  ipv6_address: `2001:db8:a::${n}`,
  status: "active",
  hostname: `camera-${n}`,
  last_seen: now,
  lease4: {
    address: ip(`192.0.2.1${n}`),
    prefix_length: 24,
    routes: [{ destination: anywhere, router }],
    dns_servers: [router],
    ntp_servers: [],
    domain_name: null,
    domain_search: [],
    mtu: null,
    v6_only_preferred: null,
    server_id: router,
    server_mac: routerMac,
    acquired_at: later(-10),
    renew_at: later(20),
    rebind_at: later(42),
    expires_at: later(50),
  },
});

export const first = deviceOf(1);
export const second = deviceOf(2);
export const ifnameOf = (d: StoredDevice): string => identityName(d.mac_address);

const resourcesOf = (d: StoredDevice): readonly Resource[] => {
  const ifname = ifnameOf(d);
  const identity = { ifname, mac: d.mac_address, parent: "eth0", mtu: 1500, group: "7171", up: true };
  const source = d.ipv4_wan_address ?? router;
  return [
    { kind: "identity", ...identity },
    { kind: "address", ifname, ip: source, length: 24 },
    { kind: "route", table: 1_000_101, destination: anywhere, via: router, ifname, source },
    { kind: "neighbour", ifname, ip: router, mac: routerMac },
  ];
};

export const kernel: Observed = {
  resources: [
    { kind: "address", ifname: "eth1", ip: ip("192.168.1.1"), length: 24, metric: 7171 },
    ...resourcesOf(first),
    ...resourcesOf(second),
    { kind: "ruleset", revision: "0_2" },
  ],
  ports: new Map([
    ["lo", port("00:00:00:00:00:00")],
    ["eth0", port("00:aa:00:00:00:10")],
    ["eth1", port("00:aa:00:00:00:11")],
  ]),
  foreignAddresses: new Set(),
  addresses6: new Map(
    [first, second].map((d) => [
      ifnameOf(d),
      [{ ip: ip6(d.ipv6_address ?? ""), length: 64, origin: "slaac", state: "usable" }],
    ]),
  ),
  saved: new Map(),
};

const setIn = (kind: "set" | "map", name: string, elem: readonly unknown[]): object => ({
  [kind]: { family: "inet", table: "ipv4_ipv6_gateway", name, elem },
});

/** What leads to the two devices. */
export const ownSets: readonly object[] = [
  setIn(
    "map",
    "device4",
    [first, second].map((d) => [d.ipv4_wan_address, d.ipv4_address]),
  ),
  setIn(
    "set",
    "reach6",
    [first, second].map((d) => d.ipv6_address),
  ),
];

const serverOf = (d: StoredDevice): string => `device_${d.mac_address.replaceAll(":", "")}`;

/** What HAProxy knows of them. */
export const haproxy: ObservedTables = {
  servers: new Map(
    [first, second].map((d) => [
      serverOf(d),
      { address: d.ipv4_address ?? "", check: 80, ready: true, checked: true, up: true },
    ]),
  ),
  devices: new Map([first, second].map((d) => [d.ipv6_address ?? "", serverOf(d)])),
  ports: new Map(),
};

/** As `nft --json list ruleset`: our table with its revision, sets, and two rules. */
export const ownRuleset = (rules: number): readonly object[] => [
  { chain: { family: "inet", table: "ipv4_ipv6_gateway", name: "rev_0a1b_2" } },
  { chain: { family: "inet", table: "ipv4_ipv6_gateway", name: "leaving", hook: "postrouting" } },
  ...ownSets,
  ...Array.from({ length: rules }, () => ({
    rule: { family: "inet", table: "ipv4_ipv6_gateway", chain: "leaving", expr: [{ drop: null }] },
  })),
];

export const answer = (d: StoredDevice): ArpFact => ({
  mac: d.mac_address,
  ip: d.ipv4_wan_address ?? router,
  router,
  answers: [routerMac],
  rivals: [],
  cameBack: false,
});

export const healthy: Facts = {
  now,
  isRoot: true,
  config: defaultConfig(),
  configFile: { path: "/etc/gateway.toml", isThere: true },
  service: { manager: "systemd", file: "/etc/systemd/system/ipv4-ipv6-gateway.service", isEnabled: true },
  daemon: {
    pid: 100,
    pidFile: { path: "/run/gateway/gateway.pid", isThere: true },
    isLocked: true,
    descriptors: { open: 50, limit: 1024 },
    troubles: [],
  },
  api: { localhost: 200, lan: 200, socket: 200 },
  state: {
    path: "/var/gateway/devices.json",
    hidden: undefined,
    damage: undefined,
    goodBackup: undefined,
    writtenAt: later(-1),
    network: {
      ipv4: { offer: "yes", routers: [router], servers: [router] },
      ipv6: {
        offer: "yes",
        routers: [ip6("fe80::1")],
        slaac: [net6("2001:db8:a::/64")],
        stateful: "no",
        stateless: false,
        nat64: [],
      },
    },
    devices: [first, second],
    refused: [],
  },
  forwards: undefined,
  inbound: undefined,
  kernel,
  settings: new Map([
    ...["eth1", ifnameOf(first), ifnameOf(second)].map((name) => [forwardingKey(name), "1"] as const),
    ["net/netfilter/nf_conntrack_count", "100"],
    ["net/netfilter/nf_conntrack_max", "1000"],
  ]),
  neighbours: [{ ifname: "eth1", ip: "192.168.1.101", mac: first.mac_address, states: ["REACHABLE"] }],
  nftables: { nftables: ownRuleset(2) },
  processes: [
    { pid: 100, program: "node", argv: ["node", "gateway.js", "run"], isStopped: false },
    {
      pid: 101,
      program: "dnsmasq",
      argv: ["dnsmasq", "--conf-file=/run/ipv4-ipv6-gateway/dnsmasq.conf"],
      isStopped: false,
    },
    { pid: 102, program: "haproxy", argv: ["haproxy"], isStopped: false },
  ],
  listeners: [
    { address: "192.168.1.1", port: 5050, pid: 100, program: "node" },
    ...Array.from({ length: 8 }, (_, n) => ({
      address: "::1",
      port: 61_441 + n,
      pid: 102,
      program: "haproxy",
    })),
  ],
  udpPorts: new Set([53, 67]),
  resolvers: [
    { address: "192.0.2.1", kind: "upstream", failure: undefined },
    { address: "192.168.1.1", kind: "own", failure: undefined },
  ],
  proxy: { kind: "haproxy", pids: [102], silence: undefined, tables: haproxy },
  reached: [first, second].map((d) => ({
    mac: d.mac_address,
    ip: d.ipv4_address ?? router,
    port: 80,
    isListed: true,
    isOpen: true,
  })),
  dhcpOffers: [],
  arpAnswers: [first, second].map(answer),
  leaving: { seconds: 2.5, strangers: [], asked: [first, second].map((d) => d.mac_address), silent: [] },
  nat64: undefined,
  clock: { isKept: true, servers: [] },
  missing: { tools: [], proxy: undefined },
  disks: [
    { path: "/var/gateway", what: "state", free: 1e9, isReadOnly: false, isWritable: true },
    { path: "/run/gateway", what: "runtime", free: 1e9, isReadOnly: false, isWritable: true },
  ],
  uci: undefined,
};
