import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseIp4 } from "../base/ip4.ts";
import { must } from "../base/parsed.ts";
import { wallTime } from "../base/time.ts";
import type { StoredDevice } from "../config/state-device.ts";
import type { Observed } from "../plan/observe.ts";
import { ip, mac, net6 } from "../plan/sample.fixture.ts";
import { forwardingKey } from "../plan/sysctls.ts";
import { checks } from "./checks.ts";
import { renderDocument } from "./document.ts";
import type { Facts } from "./facts.ts";
import { type Fault, moreFaults } from "./faults.fixture.ts";
import { planFixes } from "./fixing.ts";
import {
  answer,
  deviceOf,
  first,
  healthy,
  ifnameOf,
  kernel,
  later,
  now,
  ownRuleset,
  routerMac,
  second,
} from "./healthy.fixture.ts";
import { told } from "./ports.ts";
import { runChecks, summarize } from "./run.ts";

const { config, state, daemon, service, settings } = healthy;
const network = state.network as NonNullable<typeof state.network>;
const withConfig = (change: (c: typeof config) => Partial<typeof config>): Partial<Facts> => ({
  config: { ...config, ...change(config) },
});
const withDevice = (over: Partial<StoredDevice>): Partial<Facts> => ({
  state: { ...state, devices: [{ ...first, ...over }, second] },
});
const withKernel = (over: Partial<Observed>): Partial<Facts> => ({ kernel: { ...kernel, ...over } });
const withPort = (name: string, over: object): Partial<Facts> => {
  const port = { mac: undefined, mtu: 1500, up: true, carrier: true, ...over };
  return withKernel({ ports: new Map([...kernel.ports, [name, port]]) });
};
const withSetting = (key: string, value: string): Partial<Facts> => ({
  settings: new Map([...settings, [key, value]]),
});
const withTrouble = (sentence: string): Partial<Facts> => ({ daemon: { ...daemon, troubles: [sentence] } });
const withNft = (...more: readonly object[]): Partial<Facts> => ({
  nftables: { nftables: [...ownRuleset(2), ...more] },
});
const foreign = (policy: string, ...exprs: readonly object[][]): readonly object[] => [
  { chain: { family: "ip", table: "filter", name: "FORWARD", hook: "forward", policy } },
  ...exprs.map((expr) => ({ rule: { family: "ip", table: "filter", chain: "FORWARD", expr } })),
];
const match = (key: string, right: string) => ({ match: { op: "==", left: { meta: { key } }, right } });
const dead: Partial<Facts> = {
  daemon: { ...daemon, pid: undefined, isLocked: false, descriptors: undefined },
};
const uci = { lanAddress: "192.168.1.1", wanProto: "none", wan6Proto: "none", dhcpLan: undefined };
const full = { path: "/var/gateway", what: "state" as const, free: 100, isReadOnly: false, isWritable: true };

const faults: readonly Fault[] = [
  ...moreFaults,
  [
    "UCI has another LAN address",
    "lan-address-configured",
    "warning",
    /10\.0\.0\.1/,
    { uci: { ...uci, lanAddress: "10.0.0.1" } },
  ],
  ["no LAN address", "lan-address-carried", "problem", /does not carry/, withKernel({ resources: [] })],
  ["netifd asks by IPv4", "wan-ipv4-mode", "warning", /proto = dhcp/, { uci: { ...uci, wanProto: "dhcp" } }],
  ["netifd asks by IPv6", "wan-ipv6-mode", "warning", /dhcpv6/, { uci: { ...uci, wan6Proto: "dhcpv6" } }],
  [
    "nobody serves DHCP",
    "lan-dhcp-configured",
    "note",
    /need one elsewhere/,
    { ...withConfig((c) => ({ lan: { ...c.lan, dhcp: false } })), udpPorts: new Set() },
  ],
  ["dnsmasq is gone", "dnsmasq-runs", "problem", /does not serve/, { processes: [], udpPorts: new Set() }],
  [
    "dnsmasq is stopped",
    "dnsmasq-runs",
    "problem",
    /is stopped/,
    { processes: [{ ...(healthy.processes[1] as (typeof healthy.processes)[number]), isStopped: true }] },
  ],
  [
    "no init script",
    "service-installed",
    "problem",
    /missing/,
    { uci, service: { manager: "procd", file: undefined, isEnabled: false } },
  ],
  [
    "run by hand",
    "service-installed",
    "note",
    /by hand/,
    { service: { manager: "none", file: undefined, isEnabled: false } },
  ],
  ["not enabled", "service-enabled", "warning", /reboot/, { service: { ...service, isEnabled: false } }],
  ["not running", "daemon-runs", "problem", /does not run/, dead],
  [
    "another configuration's",
    "daemon-runs",
    "warning",
    /not with this/,
    { daemon: { ...daemon, pid: undefined } },
  ],
  ["stale pid file", "pid-file", "note", /left of/, dead],
  [
    "port taken",
    "api-listens",
    "problem",
    /taken by httpd/,
    { listeners: [{ address: "0.0.0.0", port: 5050, pid: 7, program: "httpd" }] },
  ],
  ["API deaf", "api-listens", "problem", /Nobody listens/, { listeners: [] }],
  [
    "no answer locally",
    "api-answers-localhost",
    "problem",
    /127\.0\.0\.1/,
    { api: { ...healthy.api, localhost: "no answer" } },
  ],
  [
    "no answer on the LAN",
    "api-answers-lan",
    "problem",
    /192\.168\.1\.1/,
    { api: { ...healthy.api, lan: 503 } },
  ],
  ["forwarding off", "forwarding", "problem", /off on 1 interface/, withSetting(forwardingKey("eth1"), "0")],
  ["rules flushed", "nftables", "problem", /missing/, { nftables: { nftables: [] } }],
  ["a rule removed", "nftables", "problem", /altered/, { nftables: { nftables: ownRuleset(1) } }],
  [
    "another complaint",
    "daemon-troubles",
    "problem",
    /forwards/,
    withTrouble("forwards.json cannot be used."),
  ],
  ["cable out", "wan-port", "problem", /no carrier/, withPort("eth0", { carrier: false })],
  ["port gone", "wan-port", "problem", /no port/, withKernel({ ports: new Map() })],
  ["LAN down", "lan-port", "problem", /is down/, withPort("eth1", { up: false })],
  [
    "a DHCP client on the WAN port",
    "other-managers",
    "problem",
    /silent/,
    { processes: [{ pid: 9, program: "udhcpc", argv: ["/sbin/udhcpc", "-i", "eth0"], isStopped: false }] },
  ],
  [
    "NetworkManager with an address",
    "other-managers",
    "problem",
    /has addresses/,
    {
      processes: [{ pid: 9, program: "NetworkManager", argv: ["NetworkManager"], isStopped: false }],
      ...withKernel({ foreignAddresses: new Set(["eth0 192.0.2.9/24"]) }),
    },
  ],
  [
    "NetworkManager alone",
    "other-managers",
    "note",
    /alone so far/,
    { processes: [{ pid: 9, program: "NetworkManager", argv: ["NetworkManager"], isStopped: false }] },
  ],
  [
    "MAC limit",
    "port-security",
    "problem",
    /25 devices/,
    withTrouble(
      "25 devices are answered, and none of the 15 that came after them: the switch port probably admits only 25 MAC addresses (port security limit).",
    ),
  ],
  [
    "port shut",
    "port-shut",
    "problem",
    /err-disabled/,
    withTrouble(
      "Nothing has been heard on eth0 since 10:00:00 UTC, right after 40 frames of ours within a second: the switch has probably shut the port (err-disabled by a limit on ARP or DHCP).",
    ),
  ],
  [
    "silence",
    "wan-silence",
    "problem",
    /Nothing has been heard/,
    withTrouble(
      "Nothing has been heard on eth0 since 10:00:00 UTC: the switch port may still be blocked. Leases are kept.",
    ),
  ],
  [
    "own traffic",
    "own-traffic",
    "problem",
    /is lost/,
    withTrouble(
      "The gateway's own IPv4 traffic is lost: a routing rule ahead of 32710 sends it through eth0.",
    ),
  ],
  [
    "LAN and WAN joined",
    "lan-wan-joined",
    "problem",
    /joined/,
    { neighbours: [{ ifname: "eth1", ip: "192.0.2.1", mac: routerMac, states: ["STALE"] }] },
  ],
  [
    "our own frames come back",
    "lan-wan-joined",
    "problem",
    /was heard on eth1/,
    { arpAnswers: [{ ...answer(first), cameBack: true }] },
  ],
  [
    "router gone",
    "router-answers",
    "problem",
    /none of the identities/,
    { arpAnswers: [first, second].map((d) => ({ ...answer(d), answers: [] })) },
  ],
  [
    "one not answered",
    "router-answers",
    "problem",
    /not 1 other/,
    { arpAnswers: [answer(first), { ...answer(second), answers: [] }] },
  ],
  [
    "router replaced",
    "router-neighbours",
    "warning",
    /another MAC/,
    { arpAnswers: [{ ...answer(first), answers: [mac("00:aa:00:00:00:99")] }] },
  ],
  [
    "two routers with one address",
    "router-neighbours",
    "warning",
    /Two stations/,
    { arpAnswers: [{ ...answer(first), answers: [routerMac, mac("00:aa:00:00:00:99")] }] },
  ],
  [
    "IPv6 router gone",
    "ipv6-router",
    "problem",
    /any more/,
    { state: { ...state, network: { ...network, ipv6: { ...network.ipv6, routers: [] } } } },
  ],
  [
    "NAT64 gone",
    "nat64",
    "problem",
    /not known/,
    { state: { ...state, network: { ...network, ipv4: { ...network.ipv4, offer: "no" } } } },
  ],
  [
    "a WAN address where IPv6 clients stand",
    "clients-network",
    "warning",
    /forwards\.clients 198\.19\.0\.0\/16/,
    {
      state: {
        ...state,
        devices: [{ ...first, lease4: first.lease4 && { ...first.lease4, address: ip("198.19.0.5") } }],
      },
    },
  ],
  [
    "no upstream DNS",
    "dns",
    "problem",
    /of the network answers/,
    { resolvers: [{ address: "192.0.2.1", kind: "upstream", failure: "no answer" }] },
  ],
  [
    "own DNS",
    "dns",
    "problem",
    /own name server/,
    { resolvers: [{ address: "192.168.1.1", kind: "own", failure: "no answer" }] },
  ],
  [
    "second DHCP server",
    "second-dhcp-server",
    "problem",
    /Another DHCP/,
    {
      dhcpOffers: [
        { server: must(parseIp4("192.168.1.250")), mac: routerMac, offered: must(parseIp4("192.168.1.200")) },
      ],
    },
  ],
  ["policy drop", "foreign-firewall", "problem", /ip filter FORWARD/, withNft(...foreign("drop"))],
  [
    "drops the LAN",
    "foreign-firewall",
    "problem",
    /FORWARD/,
    withNft(...foreign("accept", [match("iifname", "eth1"), { drop: null }])),
  ],
  [
    "may drop",
    "foreign-firewall",
    "note",
    /may drop/,
    withNft(...foreign("drop", [{ jump: { target: "x" } }])),
  ],
  [
    "conntrack nearly full",
    "conntrack",
    "warning",
    /85 %/,
    withSetting("net/netfilter/nf_conntrack_count", "850"),
  ],
  [
    "conntrack full",
    "conntrack",
    "problem",
    /is full/,
    withSetting("net/netfilter/nf_conntrack_count", "1000"),
  ],
  [
    "identity removed",
    "identities",
    "problem",
    /lack their identity/,
    withKernel({
      resources: kernel.resources.filter((r) => !("ifname" in r) || r.ifname !== ifnameOf(first)),
    }),
  ],
  [
    "identity without its IPv4 address",
    "identities",
    "problem",
    /lack their identity/,
    withKernel({
      resources: kernel.resources.filter((r) => r.kind !== "address" || r.ifname !== ifnameOf(second)),
    }),
  ],
  [
    "identities without IPv6 addresses",
    "identities",
    "problem",
    /^2 devices/,
    withKernel({ addresses6: new Map() }),
  ],
  [
    "failed",
    "devices",
    "problem",
    /1 device failed/,
    withDevice({ status: "failed", reason: "server refused (NAK)" }),
  ],
  ["trying", "devices", "note", /on the way/, withDevice({ status: "discovering", reason: null })],
  [
    "not registered",
    "unanswered",
    "problem",
    /1 device: probably not registered/,
    withDevice({ status: "failed", reason: "no answer to DHCP: is this MAC registered?" }),
  ],
  [
    "too many",
    "refused",
    "warning",
    /not served/,
    {
      state: {
        ...state,
        refused: [{ ...deviceOf(3), reason: "refused: discovery.max_devices = 2 is reached" }],
      },
    },
  ],
  [
    "denied on purpose",
    "refused",
    "note",
    /as configured/,
    { state: { ...state, refused: [{ ...deviceOf(3), reason: "refused: the MAC is on discovery.deny" }] } },
  ],
  ["lease not renewed", "leases", "warning", /near the end/, { now: later(44) }],
  [
    "address conflict",
    "rival-identities",
    "problem",
    /Another station/,
    withDevice({ reason: "another host uses its IPv6 address 2001:db8:a::1 (duplicate address detection)" }),
  ],
  [
    "rival speaks",
    "rival-identities",
    "problem",
    /Another station/,
    { arpAnswers: [{ ...answer(first), rivals: [routerMac] }] },
  ],
  [
    "proxy dead",
    "proxy",
    "problem",
    /No proxy runs/,
    { proxy: { kind: "none", pids: [], silence: undefined, tables: undefined } },
  ],
  [
    "proxy hangs",
    "proxy",
    "problem",
    /hangs/,
    { proxy: { ...healthy.proxy, silence: "no answer within 1500 ms" } },
  ],
  ["proxy deaf", "proxy-listens", "problem", /listens on 0/, { listeners: healthy.listeners.slice(0, 1) }],
  [
    "closed device",
    "device-ports",
    "note",
    /on none of the ports/,
    { reached: healthy.reached.map((r) => ({ ...r, isOpen: false })) },
  ],
  [
    "forward to nobody",
    "manual-forwards",
    "warning",
    /leads nowhere/,
    { forwards: [{ protocol: "tcp", port: 9000, address: must(parseIp4("192.168.1.77")), target: 80 }] },
  ],
  [
    "forwards damaged",
    "manual-forwards",
    "problem",
    /cannot be used/,
    { forwards: { unseen: "forwards.json cannot be used: not JSON." } },
  ],
  [
    "inbound.json damaged",
    "open-devices",
    "problem",
    /cannot be used/,
    { inbound: { unseen: "inbound.json cannot be used: not JSON." } },
  ],
  [
    "an open device that is unknown",
    "open-devices",
    "warning",
    /1 device of inbound.json/,
    { inbound: [{ address: must(parseIp4("192.168.1.77")), inbound: "all", from: [] }] },
  ],
  [
    "an open device that lacks the family",
    "open-devices",
    "warning",
    /1 device of inbound.json/,
    {
      inbound: [{ address: must(parseIp4("192.168.1.101")), inbound: "all", from: ["2001:db8::/32"] }],
      state: {
        ...healthy.state,
        devices: [{ ...first, ipv4_address: must(parseIp4("192.168.1.101")), ipv6_address: null }],
      },
    },
  ],
  [
    "nft missing",
    "programs",
    "problem",
    /nft is not installed/,
    { missing: { tools: ["the program nft is not installed; install nftables"], proxy: undefined } },
  ],
  [
    "no tproxy",
    "proxy-parts",
    "warning",
    /tproxy/,
    { missing: { tools: [], proxy: "the kernel lacks nftables' tproxy" } },
  ],
  ["1970", "clock", "problem", /past/, { now: wallTime(0) }],
  ["clock back", "clock", "warning", /backwards/, { now: wallTime(now - 3_600_000) }],
  [
    "descriptors",
    "descriptors",
    "problem",
    /1000 of 1024/,
    { daemon: { ...daemon, descriptors: { open: 1000, limit: 1024 } } },
  ],
  ["disk full", "disk", "problem", /disk is full/, { disks: [full] }],
  ["read-only", "disk", "problem", /read-only/, { disks: [{ ...full, isReadOnly: true }] }],
  [
    "damaged",
    "state-file",
    "problem",
    /is damaged/,
    { ...dead, state: { ...state, damage: "not JSON", goodBackup: "devices.json.1" } },
  ],
];

test("nothing is wrong with a healthy gateway, and everything was looked at", () => {
  const findings = runChecks(healthy);
  expect(findings.filter((f) => f.severity !== "ok").map((f) => `${f.check.id}: ${f.text}`)).toEqual([]);
  expect(summarize(findings)).toEqual({
    basic: { passed: 14, of: 14 },
    all: { passed: checks.length, of: checks.length },
    ...{ problems: 0, warnings: 0, unseen: 0 },
  });
});

test.each(faults)("%s: %s says so", (_, id, severity, words, over) => {
  const found = runChecks({ ...healthy, ...over }).filter((f) => f.check.id === id);
  const said = found.map((f) => [f.severity, `${f.text} ${(f.evidence ?? []).join(" ")}`] as const);
  expect(said).toContainEqual([severity, expect.stringMatching(words)]);
  // Whoever is told of a problem is told what to do, unless nobody can.
  for (const f of found) if (f.severity === "problem") expect(f.fix?.words).toBeTruthy();
});

test("each check is in some fault, once in the table, and the original's 14 are counted", () => {
  const ids = checks.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(faults.map(([, id]) => id))).toEqual(new Set(ids));
  expect(checks.flatMap(({ number }) => number ?? [])).toEqual(Array.from({ length: 14 }, (_, n) => n + 1));
});

test("without the gateway its own absence alone is told of what depends on it", () => {
  const bad = runChecks({
    ...healthy,
    ...dead,
    listeners: healthy.listeners.slice(1),
    api: { localhost: "x", lan: "x", socket: "x" },
  })
    .filter(({ severity }) => severity === "problem" || severity === "warning")
    .map(({ check }) => check.id);
  expect(bad).toEqual(["daemon-runs"]);
});

test("a foreign chain that lets the LAN through is none, nor one of ours", () => {
  const accept = [match("iifname", "eth1"), { accept: null }];
  for (const over of [withNft(...foreign("drop", accept)), withNft(...foreign("accept"))]) {
    const [finding] = runChecks({ ...healthy, ...over }).filter((f) => f.check.id === "foreign-firewall");
    expect(finding?.severity).toBe("ok");
  }
});

/** As fw4 has it in JSON: chains `forward` and `accept_to_wan`. */
function fw4(zone: string, included: string): readonly object[] {
  const place = { family: "inet", table: "fw4" };
  const rule = (chain: string, comment: string, ...expr: readonly object[]) => ({
    rule: { ...place, chain, comment, expr },
  });
  return [
    { chain: { ...place, name: "forward", hook: "forward", policy: "drop" } },
    { chain: { ...place, name: "accept_to_wan" } },
    rule("forward", "!fw4: lan", match("iifname", "eth1"), { jump: { target: "forward_lan" } }),
    rule("forward", included, { match: { op: "==", left: {}, right: 1 } }, { counter: {} }, { accept: null }),
    rule("forward", "", { jump: { target: "handle_reject" } }),
    rule("accept_to_wan", "!fw4: wan", match("oifname", zone), { counter: {} }, { accept: null }),
  ];
}

test("OpenWrt's firewall is no foreign one once it reads our rules and lets the LAN out by the identities", () => {
  const ours = "ipv4-ipv6-gateway: what its rules let in";
  const severity = (zone: string, included: string): string | undefined =>
    runChecks({ ...healthy, ...withNft(...fw4(zone, included)) }).find(
      (f) => f.check.id === "foreign-firewall",
    )?.severity;
  expect(severity("gw*", ours)).toBe("ok");
  expect(severity("eth0", ours)).toBe("note");
  expect(severity("gw*", "somebody's")).toBe("note");
});

test("fixes: by scope, only safe ones, each thing once", () => {
  const findings = runChecks({
    ...healthy,
    ...dead,
    ...withSetting(forwardingKey("eth1"), "0"),
    state: { ...state, damage: "not JSON" },
    disks: [full],
  });
  const ids = (scope: "all" | "network" | "service") => planFixes(findings, scope).map(({ id }) => id);
  expect(ids("network")).toEqual(["forwarding"]);
  expect(ids("service")).toEqual(["daemon-runs", "pid-file", "state-file"]);
  expect(ids("all")).toEqual(["daemon-runs", "forwarding", "pid-file", "state-file"]);
  expect(planFixes(runChecks(healthy), "all")).toEqual([]);
});

// After a change of a check: npx vitest run src/diagnose -u
test("the documentation is what the checks say of themselves", async () => {
  await expect(renderDocument()).toMatchFileSnapshot("../../docs/diagnose.md");
});

test("prefixes of a NAT64 are told", () => {
  const told = { ...network, ipv4: { ...network.ipv4, offer: "no" as const } };
  const known = { ...told, ipv6: { ...told.ipv6, nat64: [net6("2001:db8:64::/96")] } };
  const [finding] = runChecks({ ...healthy, state: { ...state, network: known } }).filter(
    (f) => f.check.id === "nat64",
  );
  expect(finding?.text).toContain("2001:db8:64::/96");
});

test("the well-known prefix, by which no private address is reached, is noted", () => {
  const nat64 = [net6("64:ff9b::/96")];
  for (const offer of ["no", "unknown"] as const) {
    const told = { ...network, ipv4: { ...network.ipv4, offer }, ipv6: { ...network.ipv6, nat64 } };
    const [finding] = runChecks({ ...healthy, state: { ...state, network: told } }).filter(
      (f) => f.check.id === "nat64",
    );
    expect(finding).toMatchObject({ severity: "note", text: expect.stringContaining("10.0.0.0/8") });
  }
});

test("a device whose IPv4 is translated lacks nothing", () => {
  const [first, ...others] = state.devices;
  const reason =
    "the network prefers IPv6 only (RFC 8925), DHCPv4 rests until 2026-01-02 03:04:05 UTC; its IPv4 goes by 464XLAT (NAT64 2001:db8:64::/96)";
  const devices = [...(first ? [{ ...first, ipv4_wan_address: null, lease4: null, reason }] : []), ...others];
  const [finding] = runChecks({ ...healthy, state: { ...state, devices } }).filter(
    (f) => f.check.id === "devices",
  );
  expect(finding).toMatchObject({ severity: "ok", evidence: [expect.stringContaining("RFC 8925")] });
});

test("what the running gateway says is recognised by words that stand in its sources", () => {
  const sources = ["port-health", "wan-change", "own-way"].map((name) =>
    readFileSync(new URL(`../app/network/${name}.ts`, import.meta.url), "utf8"),
  );
  for (const { words } of told) expect(sources.join("\n")).toContain(words);
});

test("without root nothing is called broken that cannot be looked at", () => {
  const facts = {
    ...{ ...healthy, isRoot: false, state: { ...state, hidden: "Only root may read it.", devices: [] } },
    ...{ kernel: { unseen: "x." }, nftables: { unseen: "x." }, proxy: { ...healthy.proxy, pids: [] } },
    missing: { tools: [], proxy: "nft: not permitted" },
  };
  const findings = runChecks(facts);
  expect(findings.filter(({ severity }) => severity === "problem" || severity === "warning")).toEqual([]);
  expect(summarize(findings).unseen).toBeGreaterThan(5);
});
