/** Faults of the checks that look at what really happens: on the wire, on the ways in, behind the translator. As in checks.test.ts. */

import { wallTime } from "../base/time.ts";
import type { ManualForward } from "../config/forwards-file.ts";
import type { NetworkFacts } from "../config/state-network.ts";
import type { ObservedTables } from "../plan/haproxy-observed.ts";
import { sourceTable } from "../plan/marks.ts";
import type { Resource } from "../plan/resource.ts";
import { ip6, mac, net6 } from "../plan/sample.fixture.ts";
import type { EchoFact, Facts, LeavingFacts, ProcessFact } from "./facts.ts";
import type { Severity } from "./finding.ts";
import { first, haproxy, healthy, kernel, now, ownRuleset, router } from "./healthy.fixture.ts";

/** What is wrong, of which check, how bad it is, and a word of what is said. */
export type Fault = readonly [string, string, Severity, RegExp, Partial<Facts>];

const leaving = healthy.leaving as LeavingFacts;
const spoke = (address: string): Partial<Facts> => ({
  leaving: {
    ...leaving,
    strangers: [{ mac: mac(address), what: "ARP request for 192.0.2.1", frames: 2 }],
  },
});

const wireFaults: readonly Fault[] = [
  [
    "the silent port speaks",
    "source-macs",
    "problem",
    /its own MAC, which is to be silent.*00:aa:00:00:00:10 \(eth0's own\): ARP request for 192\.0\.2\.1, 2 frames/,
    spoke("00:aa:00:00:00:10"),
  ],
  [
    "a stranger speaks",
    "source-macs",
    "problem",
    /1 MAC that no device has.*02:00:00:00:00:99: ARP/,
    spoke("02:00:00:00:00:99"),
  ],
  [
    "an identity is not let out",
    "source-macs",
    "problem",
    /1 identity asks does not leave eth0/,
    { leaving: { ...leaving, silent: [first.mac_address] } },
  ],
];

const without = (name: string): Partial<Facts> => ({
  nftables: { nftables: ownRuleset(2).filter((item) => !JSON.stringify(item).includes(`"name":"${name}"`)) },
});
const lan4 = (...elem: readonly unknown[]): object => ({
  map: { family: "inet", table: "ipv4_ipv6_gateway", name: "lan4", elem },
});
const concat = (...parts: readonly unknown[]): object => ({ concat: parts });
const proxied = (over: Partial<ObservedTables>): Partial<Facts> => ({
  proxy: { ...healthy.proxy, tables: { ...haproxy, ...over } },
});
const firstName = "device_02005e100001";
const udpForward: ManualForward = {
  ...{ protocol: "udp", port: 9000, target: 90 },
  address: first.ipv4_address ?? router,
};
const tcpForward: ManualForward = { ...udpForward, protocol: "tcp" };

const pathFaults: readonly Fault[] = [
  [
    "an element of the automatic forwards is gone",
    "ways-in-kernel",
    "problem",
    /2 forwards are not.*device4 \{ 192\.0\.2\.11 : 192\.168\.1\.101 \}.*is missing/,
    without("device4"),
  ],
  [
    "an IPv6 address is not led to the proxy",
    "ways-in-kernel",
    "problem",
    /reach6 \{ 2001:db8:a::1 \}/,
    without("reach6"),
  ],
  [
    "a UDP forward is in no map",
    "ways-in-kernel",
    "problem",
    /2 forwards are not.*forward4 \{ 192\.0\.2\.11 \. udp \. 9000.*lan4 \{ udp \. 9000/,
    { forwards: [udpForward] },
  ],
  [
    "a forward leads elsewhere",
    "ways-in-kernel",
    "problem",
    /udp \. 9000.*leads to 192\.168\.1\.102 \. 90 instead/,
    {
      forwards: [udpForward],
      nftables: {
        nftables: [...ownRuleset(2), lan4([concat("udp", 9000), concat("192.168.1.102", 90)])],
      },
    },
  ],
  [
    "HAProxy does not know an address",
    "ways-in-proxy",
    "problem",
    /2001:db8:a::1 of .*camera-1.*in no map/,
    proxied({ devices: new Map([...haproxy.devices].slice(1)) }),
  ],
  [
    "HAProxy leads an address to another device",
    "ways-in-proxy",
    "problem",
    /2001:db8:a::2 of .*camera-2.*leads to .*camera-1/,
    proxied({ devices: new Map([...haproxy.devices].map(([ip]) => [ip, firstName])) }),
  ],
  [
    "HAProxy has a server of another address",
    "ways-in-proxy",
    "problem",
    /its server leads to 192\.168\.1\.9/,
    proxied({
      servers: new Map(
        [...haproxy.servers].map(([name, server]) => [name, { ...server, address: "192.168.1.9" }]),
      ),
    }),
  ],
  [
    "HAProxy has a server in maintenance",
    "ways-in-proxy",
    "problem",
    /in maintenance/,
    proxied({
      servers: new Map([...haproxy.servers].map(([name, server]) => [name, { ...server, ready: false }])),
    }),
  ],
  ["HAProxy has no server", "ways-in-proxy", "problem", /no server for it/, proxied({ servers: new Map() })],
  [
    "HAProxy does not know a forward",
    "ways-in-proxy",
    "problem",
    /port 9000 of .*camera-1.*in no map/,
    { forwards: [tcpForward] },
  ],
  [
    "HAProxy leads a forward to another port",
    "ways-in-proxy",
    "problem",
    /port 9000 of .*leads to port 91/,
    { forwards: [tcpForward], ...proxied({ ports: new Map([[`${firstName}:9000`, "91"]]) }) },
  ],
  [
    "a forward to a device that is not active",
    "manual-forwards",
    "note",
    /1 manual forward leads to a device that is not active.*camera-1.*is inactive/,
    {
      forwards: [tcpForward],
      state: { ...healthy.state, devices: healthy.state.devices.map((d) => ({ ...d, status: "inactive" })) },
    },
  ],
];

const network = healthy.state.network as NetworkFacts;
const onlySix = {
  ...healthy.state,
  network: {
    ipv4: { ...network.ipv4, offer: "no" as const },
    ipv6: { ...network.ipv6, nat64: [net6("2001:db8:64::/96")] },
  },
};
const behind = ip6("2001:db8:64::c0af:3006");
const nat64 = (...answers: readonly EchoFact[]): Partial<Facts> => ({
  state: onlySix,
  nat64: { mac: first.mac_address, target: behind, answers },
});
const gone = ip6("2001:db8:a::ffff");
const tunnel: readonly Resource[] = [
  { kind: "tunnel", ifname: "xlat464", mtu: 1500, group: "7171", up: true },
  { kind: "route6", table: sourceTable, destination: net6("fd00:1::/120"), ifname: "xlat464" },
];
const withTunnel = (resources: readonly Resource[], ...tayga: readonly ProcessFact[]): Partial<Facts> => ({
  kernel: { ...kernel, resources: [...kernel.resources, ...resources] },
  processes: [...healthy.processes, ...tayga],
});
export const tayga: ProcessFact = {
  ...{ pid: 103, program: "tayga", isStopped: false },
  argv: ["tayga", "-d", `--config=${healthy.config.state.runtime_directory}/tayga.conf`],
};
export const translating: Partial<Facts> = withTunnel(tunnel, tayga);
export const answering: Partial<Facts> = nat64(
  { from: gone, kind: "expired", isBehind: false },
  { from: behind, kind: "expired", isBehind: true },
);

const translationFaults: readonly Fault[] = [
  [
    "a router says that the NAT64 leads nowhere",
    "nat64",
    "problem",
    /leads nowhere.*2001:db8:a::ffff: unreachable/,
    nat64({ from: gone, kind: "unreachable", isBehind: false }),
  ],
  [
    "nobody behind the NAT64 answers",
    "nat64",
    "warning",
    /nobody behind it answers.*2001:db8:a::ffff: end of the way/,
    nat64({ from: gone, kind: "expired", isBehind: false }),
  ],
  ["tayga is gone", "translator", "problem", /tayga does not run/, withTunnel(tunnel)],
  [
    "tayga is stopped",
    "translator",
    "problem",
    /is stopped/,
    withTunnel(tunnel, { ...tayga, isStopped: true }),
  ],
  [
    "the translator's interface is down",
    "translator",
    "problem",
    /xlat464 is down/,
    withTunnel(tunnel.map((r) => ({ ...r, up: false }) as Resource)),
  ],
  ["no route leads to it", "translator", "problem", /No route leads/, withTunnel(tunnel.slice(0, 1), tayga)],
  [
    "the translator's interface is gone",
    "translator",
    "problem",
    /no interface xlat464/,
    {
      state: {
        ...onlySix,
        devices: [{ ...first, reason: "no IPv4; its IPv4 goes by 464XLAT (NAT64 2001:db8:64::/96)" }],
      },
    },
  ],
];

const day = 86_400_000;
export const ahead: Partial<Facts> = {
  now: wallTime(now + 3 * day),
  clock: { isKept: false, servers: [] },
};

const clockFaults: readonly Fault[] = [
  [
    "the clock is days ahead of leases in use",
    "clock",
    "warning",
    /more than 3 days.*wrong now, or was then.*nobody keeps the clock/,
    ahead,
  ],
  [
    "the clock was wrong when the leases were written",
    "clock",
    "note",
    /was wrong then/,
    { ...ahead, clock: { isKept: true, servers: [] } },
  ],
  [
    "a time server says that it is earlier",
    "clock",
    "problem",
    /is 3 days ahead, by the network's time servers/,
    { clock: { isKept: undefined, servers: [{ server: "192.0.2.123", ahead: 3 * day }] } },
  ],
  [
    "a time server says that it is later",
    "clock",
    "problem",
    /is 5 min behind/,
    { clock: { isKept: undefined, servers: [{ server: "192.0.2.123", ahead: -300_000 }] } },
  ],
];

export const moreFaults: readonly Fault[] = [
  ...wireFaults,
  ...pathFaults,
  ...translationFaults,
  ...clockFaults,
];
