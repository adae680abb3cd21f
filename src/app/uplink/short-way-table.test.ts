import { expect, test } from "vitest";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { parseCidr4 } from "../../base/cidr4.ts";
import { type Ip4, parseIp4 } from "../../base/ip4.ts";
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { tableOf } from "../../plan/device-table.ts";
import { identityName, sourceTable, translatorName } from "../../plan/marks.ts";
import { byKey, type Resource } from "../../plan/resource.ts";
import { removeShortWays, ShortWayTable } from "./short-way-table.ts";

const table = "netdev ipv4_ipv6_gateway_short";
const removal = `add table ${table}\ndelete table ${table}\n`;
const macs = ["00:00:5e:00:53:01" as Mac, "00:00:5e:00:53:02" as Mac] as const;
const names = [identityName(macs[0]), identityName(macs[1])] as const;
const lan = must(parseCidr4("192.168.0.0/22"));
const ip = (text: string): Ip4 => must(parseIp4(text));
const net = (text: string) => must(parseCidr4(text));

const tunnel = (medium?: "veth"): Resource => ({
  kind: "tunnel",
  ifname: translatorName,
  mtu: 1500,
  group: "7171",
  up: true,
  ...(medium ? { medium } : {}),
});

const identity = (n: 0 | 1, mtu = 1500): Resource => ({
  kind: "identity",
  ifname: names[n],
  mac: macs[n],
  parent: "eth0",
  mtu,
  group: "7171",
  up: true,
});

/** What the plan wants of a translated device. */
function translated(n: 0 | 1, addresses: readonly string[], router = "fe80::1"): Resource[] {
  const ifname = names[n];
  const from = `fd2c:81a7:464::c0a8:10${n}` as Ip6;
  const ips = addresses as readonly Ip6[];
  return [
    ...ips.map((ip): Resource => ({ kind: "address6", ifname, ip, length: 64, origin: "slaac" })),
    ...[from, ...ips].map(
      (source): Resource => ({
        kind: "route6",
        table: sourceTable,
        destination: { address: "::" as Ip6, length: 0 },
        ifname,
        from: source,
        via: router as Ip6,
      }),
    ),
  ];
}

interface Leased {
  readonly lanIp?: string;
  readonly wanIp?: string;
  readonly routerKnown?: boolean;
  readonly mtu?: number;
  /** Destination and router. */
  readonly more?: readonly (readonly [string, string])[];
}

/** What the plan wants of a device with an IPv4 lease. */
function leased(n: 0 | 1, { lanIp, wanIp, routerKnown = true, mtu, more = [] }: Leased = {}): Resource[] {
  const source = ip(wanIp ?? `203.0.113.1${n}`);
  const own = {
    kind: "route",
    table: tableOf(lan, ip(lanIp ?? `192.168.1.10${n}`)),
    ifname: names[n],
    source,
  } as const;
  const router = ip("203.0.113.1");
  return [
    identity(n, mtu),
    ...(routerKnown
      ? [{ kind: "neighbour", ifname: names[n], ip: router, mac: "00:00:5e:00:53:fe" as Mac } as const]
      : []),
    { ...own, destination: net("203.0.113.0/24") },
    { ...own, destination: net("0.0.0.0/0"), via: router },
    ...more.map(([destination, via]) => ({ ...own, destination: net(destination), via: ip(via) })),
  ];
}

function scene({ refuses = (_: string): boolean => false, wanted = true } = {}) {
  const scripts: string[] = [];
  const log = new MemoryLog();
  const nft = async (script: string): Promise<void> => {
    if (refuses(script)) throw new Error("Operation not supported");
    scripts.push(script);
  };
  const ways = new ShortWayTable({ kernel: { nft }, log, wanted, lanPort: "eth1", wanPort: "eth0", lan });
  const planned = async (resources: readonly Resource[], some?: readonly Mac[]): Promise<string[]> => {
    ways.planned({ desired: byKey(resources), ...(some ? { macs: new Set(some) } : {}) });
    await ways.settled();
    return scripts.splice(0);
  };
  const passed = async (
    resources: readonly Resource[],
    some?: readonly Mac[],
    failed: readonly string[] = [],
  ): Promise<string[]> => {
    const failures = failed.map((key) => ({ key, message: "no" }));
    ways.passed({ desired: byKey(resources), failures, ...(some ? { macs: new Set(some) } : {}) });
    await ways.settled();
    return scripts.splice(0);
  };
  return { scripts, log, planned, passed, ways };
}

const chainIn = (script: string): string => /add chain \S+ \S+ (by_\S+)\n/.exec(script)?.[1] ?? "";

test("a whole pass makes all of it: hooks on both ports, and devices of one router share a chain", async () => {
  const { passed } = scene();
  const [made = "", devices = "", ...more] = await passed([...leased(0), ...leased(1)]);
  expect(more).toEqual([]);
  expect(made.startsWith(`${removal}table ${table} {\n`)).toBe(true);
  expect(made).toContain('type filter hook ingress device "eth1"');
  expect(made).toContain('type filter hook egress device "eth0"');
  expect(made).not.toContain("xlat464");
  expect(made.match(/size 1024\n/g)).toHaveLength(5);
  const chain = `${table} ${chainIn(devices)}`;
  const flow = "ip saddr . ip daddr . udp sport . udp dport @flows4";
  expect(devices).toBe(`add chain ${chain}
flush chain ${chain}
add rule ${chain} @nh,0,32 & 0xfffcffff > 0x450005dc accept
add rule ${chain} ip saddr set ip saddr map @outer4 ${flow} fwd ip to 203.0.113.1 device ip saddr map @port4
add rule ${chain} ip saddr set ip saddr map @inner4
add element ${table} routers4 { ${macs[0]} . 00:00:5e:00:53:fe, ${macs[1]} . 00:00:5e:00:53:fe }
add element ${table} outer4 { 192.168.1.100 : 203.0.113.10, 192.168.1.101 : 203.0.113.11 }
add element ${table} inner4 { 203.0.113.10 : 192.168.1.100, 203.0.113.11 : 192.168.1.101 }
add element ${table} port4 { 203.0.113.10 : "${names[0]}", 203.0.113.11 : "${names[1]}" }
add element ${table} ways4 { 192.168.1.100 : goto ${chainIn(devices)}, 192.168.1.101 : goto ${chainIn(devices)} }
`);
});

test("an identity of another MTU has another chain; other routers and the link have none", async () => {
  const { passed } = scene();
  const usual = chainIn((await passed([...leased(0)]))[1] ?? "");
  const [, script = ""] = await passed(leased(0, { mtu: 1400, more: [["198.51.100.0/24", "203.0.113.2"]] }));
  expect(script).toContain("> 0x45000578 accept\n");
  expect(script).not.toContain("203.0.113.2 ");
  expect(script.match(/add chain/g)).toHaveLength(1);
  expect(chainIn(script)).not.toBe(usual);
});

test("without a router whose MAC is known, or with none at all, a device has no short way", async () => {
  const { passed } = scene();
  expect(await passed(leased(0, { routerKnown: false }))).toHaveLength(1);
  const onLink = leased(0).filter((r) => r.kind !== "route" || r.destination.length > 0);
  expect(await passed(onLink)).toHaveLength(1);
  const borrowed = leased(0).map((r): Resource => (r.kind === "route" ? { ...r, table: 999_999 } : r));
  expect(await passed(borrowed)).toHaveLength(1);
});

test("an identity that the kernel refused has no short way, and keeps no other from it", async () => {
  const { passed } = scene();
  const [, script = ""] = await passed([...leased(0), ...leased(1)], undefined, [`identity ${names[0]}`]);
  expect(script).toContain(names[1]);
  expect(script).not.toContain(names[0]);
});

test("a device that comes, changes or goes costs its own lines; what ends goes ahead of the pass", async () => {
  const { planned, passed } = scene();
  await passed(leased(0));
  expect(await planned(leased(0), [macs[0]])).toEqual([]);
  expect(await passed(leased(0), [macs[0]])).toEqual([]);
  expect(await planned(leased(1), [macs[1]])).toEqual([]);
  const [came = ""] = await passed(leased(1), [macs[1]]);
  expect(came).toContain(`add element ${table} port4 { 203.0.113.11 : "${names[1]}" }\n`);
  expect(came).not.toContain(names[0]);

  const ends = `delete element ${table} ways4 { 192.168.1.101 }
delete element ${table} port4 { 203.0.113.11 }
delete element ${table} inner4 { 203.0.113.11 }
delete element ${table} outer4 { 192.168.1.101 }
delete element ${table} routers4 { ${macs[1]} . 00:00:5e:00:53:fe }
`;
  expect(await planned(leased(1, { wanIp: "203.0.113.77" }), [macs[1]])).toEqual([ends]);
  const [moved = ""] = await passed(leased(1, { wanIp: "203.0.113.77" }), [macs[1]]);
  expect(moved).not.toContain("delete element");
  expect(moved).toContain("outer4 { 192.168.1.101 : 203.0.113.77 }");
  expect(await planned([], [macs[1]])).toEqual([ends.replaceAll("203.0.113.11", "203.0.113.77")]);
  expect(await passed([], [macs[1]])).toEqual([]);
});

test("before a whole pass all that ends goes", async () => {
  const { planned, passed } = scene();
  await passed([...leased(0), ...leased(1)]);
  const [script = ""] = await planned(leased(0, { routerKnown: false }));
  expect(script).toContain("ways4 { 192.168.1.100, 192.168.1.101 }");
});

test("addresses change hands, in one pass and in two", async () => {
  const { passed } = scene();
  const swapped = [
    ...leased(0, { lanIp: "192.168.1.101", wanIp: "203.0.113.11" }),
    ...leased(1, { lanIp: "192.168.1.100", wanIp: "203.0.113.10" }),
  ];
  await passed([...leased(0), ...leased(1)]);
  const [ends = "", begins = ""] = await passed(swapped, macs);
  expect(ends).toContain("ways4 { 192.168.1.100, 192.168.1.101 }");
  expect(begins).toContain(`port4 { 203.0.113.11 : "${names[0]}", 203.0.113.10 : "${names[1]}" }`);
  // The one that gets the address is told of first: the other's lines go with that.
  const [gone = "", first = ""] = await passed(leased(0, { wanIp: "203.0.113.12" }), [macs[0]]);
  expect(gone).toContain("ways4 { 192.168.1.101, 192.168.1.100 }");
  expect(first).toContain(`port4 { 203.0.113.12 : "${names[0]}" }`);
  expect(await passed([], [macs[1]])).toEqual([]);
});

test("where it is not wanted one of an earlier run goes, once, and nothing comes", async () => {
  const { planned, passed } = scene({ wanted: false });
  expect(await planned(leased(0))).toEqual([]);
  expect(await passed(leased(0))).toEqual([removal]);
  expect(await passed(leased(0), [macs[0]])).toEqual([]);
  expect(await passed(leased(0))).toEqual([]);
});

test("translated: each device's chain tries its addresses, and gives back what is of no known flow", async () => {
  const { passed } = scene();
  const [made = "", script = ""] = await passed([tunnel(), ...translated(0, ["2001:db8::1", "2001:db8::2"])]);
  const flow = "ip6 saddr . ip6 daddr . udp sport . udp dport @flows6";
  expect(made).toContain('type filter hook ingress device "xlat464"');
  expect(made).toContain("meta mark & 0xffff0000 == 0x71730000");
  const chain = `${table} ${names[0]}`;
  expect(script).toBe(`add chain ${chain}
add rule ${chain} ip6 saddr set 2001:db8::1
add rule ${chain} ${flow} fwd ip6 to fe80::1 device "${names[0]}"
add rule ${chain} ip6 saddr set 2001:db8::2
add rule ${chain} ${flow} fwd ip6 to fe80::1 device "${names[0]}"
add rule ${chain} ip6 saddr set fd2c:81a7:464::c0a8:100
add element ${table} ways6 { fd2c:81a7:464::c0a8:100 : goto ${names[0]} }
`);
});

test("translated: a device that comes, changes or goes costs its own lines and nothing else", async () => {
  const { passed } = scene();
  const first = translated(0, ["2001:db8::1"]);
  await passed([tunnel(), ...first]);
  expect(await passed([tunnel(), ...first], [macs[0]])).toEqual([]);
  const [came = ""] = await passed(translated(1, ["2001:db8::9"]), [macs[1]]);
  expect(came).toContain(`add chain ${table} ${names[1]}\n`);
  expect(came).not.toContain(names[0]);
  const [was = "", moved = ""] = await passed(translated(1, ["2001:db8::a"], "fe80::2"), [macs[1]]);
  expect(was).toMatch(/^delete element .* ways6 \{ fd2c:81a7:464::c0a8:101 }\nflush chain /);
  expect(moved).toContain("ip6 saddr set 2001:db8::a\n");
  expect(moved).toContain("fwd ip6 to fe80::2");
  const [gone = ""] = await passed([], [macs[1]]);
  expect(gone).toBe(
    `delete element ${table} ways6 { fd2c:81a7:464::c0a8:101 }\nflush chain ${table} ${names[1]}\ndelete chain ${table} ${names[1]}\n`,
  );
  expect(await passed([], [macs[1]])).toEqual([]);
});

test("translated: a deprecated address is no source, and a device without any has no short way", async () => {
  const { passed } = scene();
  const retired = translated(0, ["2001:db8::1"]).map((r) =>
    r.kind === "address6" ? { ...r, deprecated: true } : r,
  ) as Resource[];
  expect(await passed([tunnel(), ...retired])).toHaveLength(1);
});

test("translated: with the translator's interface alone, and not on a cable to a namespace", async () => {
  const { passed } = scene();
  const device = translated(0, ["2001:db8::1"]);
  const [made = "", ...more] = await passed([tunnel("veth"), ...device]);
  expect(made).not.toContain("xlat464");
  expect(more).toEqual([]);
  expect(await passed(device, [macs[0]])).toEqual([]);
  expect(await passed([tunnel(), ...device])).toHaveLength(2);
});

test("what was written down is forgotten when the link is lost; nothing is asked while there is no table", async () => {
  const { passed, ways, scripts } = scene();
  ways.linkLost();
  await ways.settled();
  expect(scripts).toEqual([]);
  await passed([tunnel()]);
  ways.linkLost();
  await ways.settled();
  expect(scripts.splice(0)).toEqual([`flush set ${table} flows4\nflush set ${table} flows6\n`]);
  await passed([]);
  ways.linkLost();
  await ways.settled();
  expect(scripts).toEqual([`flush set ${table} flows4\n`]);
});

test("where the kernel cannot, it is told once, and what cannot be kept right is taken away", async () => {
  const { passed, log } = scene({ refuses: (script) => script.includes("fwd") });
  expect(await passed([])).toHaveLength(1);
  expect(await passed(leased(0), [macs[0]])).toEqual([removal]);
  expect(await passed([...leased(0)])).toHaveLength(2);
  expect(log.take()).toHaveLength(1);
});

test("many devices are written in portions", async () => {
  const { passed } = scene();
  const many = Array.from({ length: 600 }, (_, n) => {
    const [lanIp, wanIp] = [`192.168.${n >> 8}.${n & 255}`, `198.51.${n >> 8}.${n & 255}`];
    const ifname = `gw00005e005${n.toString(16).padStart(3, "0")}`;
    return leased(0, { lanIp, wanIp }).map((r): Resource => ({ ...r, ifname }) as Resource);
  });
  const [, ...scripts] = await passed(many.flat());
  expect(scripts.map((script) => script.split(" : goto ").length - 1)).toEqual([512, 88]);
});

test("cleanup takes it away, and minds no kernel that knows no such tables", async () => {
  const done: string[] = [];
  await removeShortWays({ nft: async (script) => void done.push(script) });
  expect(done).toEqual([removal]);
  await removeShortWays({ nft: () => Promise.reject(new Error("Operation not supported")) });
});
