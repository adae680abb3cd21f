import { expect, test } from "vitest";
import type { DevicePlan, Surroundings } from "./desired.ts";
import { lanOf } from "./desired.ts";
import { diff } from "./diff.ts";
import { renderIp } from "./render.ts";
import { renderChains, renderChains6 } from "./ruleset.ts";
import { camera, dual, gateway, ip, net6, printer, sample6 } from "./sample.fixture.ts";
import { renderTayga } from "./tayga.ts";
import { innerOf, type TranslationPlan, translationRules } from "./translation.ts";

const clients = { address: ip("198.19.0.0"), length: 16 };
const { ipv4: _, ...without4 } = dual;
const translated: DevicePlan = { ...without4, translated: true };
const translation: TranslationPlan = { nat64: net6("2001:db8:64::/96") };

const linesOf = (device: DevicePlan, over: Partial<Surroundings> = { translation }): string[] =>
  diff(sample6([device], over), [])
    .flatMap((action) => renderIp(action))
    .filter((line) => /xlat464|fd2c:/.test(line));

test("a translated device: into the translator by its own table, and out by its own identity and router", () => {
  expect(linesOf(translated)).toEqual([
    "tuntap add dev xlat464 mode tun",
    "link set dev xlat464 mtu 1500 group 7171",
    "route replace 0.0.0.0/0 dev xlat464 scope link src 192.168.1.1 table 1000002 protocol 71",
    "route replace ::/0 from fd2c:81a7:464::c0a8:102/128 via fe80::2aa:ff:fe00:1 dev gw001122334451 table 999998 protocol 71",
    "route replace fd2c:81a7:464::c0a8:100/126 dev xlat464 table 999998 protocol 71",
  ]);
  const desired = [...sample6([translated], { translation }).values()];
  expect(desired).toContainEqual({ kind: "element", set: "nat64", key: "2001:db8:64::/96" });
  expect(desired).toContainEqual(
    expect.objectContaining({ kind: "rule", action: { to: "lookup", table: 1_000_002 } }),
  );
});

test("IPv4 of its own goes before; without a translator or a LAN address nothing leads there", () => {
  const ways = (device: DevicePlan): string[] =>
    linesOf(device).filter((line) => /default|::\/0|0\.0\.0\.0/.test(line));
  expect(ways({ ...dual, translated: true })).toEqual([]);
  expect(linesOf(translated, {})).toEqual([]);
  const { lanIp: __, ...nowhere } = translated;
  expect(ways(nowhere)).toEqual([]);
  expect(ways(without4)).toEqual([]);
});

test("before a router is known there is a way in alone: what an earlier run laid out is kept meanwhile", () => {
  const lines = linesOf({ ...printer, ...(camera.lanIp ? { lanIp: camera.lanIp } : {}), translated: true });
  expect(lines.filter((line) => line.includes("route"))).toEqual([
    "route replace 0.0.0.0/0 dev xlat464 scope link src 192.168.1.1 table 1000002 protocol 71",
    "route replace fd2c:81a7:464::c0a8:100/126 dev xlat464 table 999998 protocol 71",
  ]);
});

test.each([
  [undefined, 1500],
  [1400, 1400],
  [9000, 1500],
  [1000, 1280],
])("where routers ask for an MTU of %s, the translator's is %i", (mtu, wanted) => {
  const around = { translation: { ...translation, ...(mtu ? { mtu } : {}) } };
  expect(linesOf(translated, around)[1]).toContain(` mtu ${wanted} `);
});

test("what goes goes with the interface, in one line", () => {
  const there = [...sample6([translated], { translation }).values()];
  const gone = diff(sample6([without4]), there).filter((a) => a.kind === "delete");
  expect(gone.flatMap((action) => renderIp(action)).filter((line) => /xlat464/.test(line))).toEqual([
    "link delete dev xlat464",
  ]);
});

test("what passes to and from the translator", () => {
  const input = { ...gateway, translates: translationRules(lanOf(gateway), clients) };
  const added = (all: string, before: string): string[] => {
    const known = new Set(before.split("\n"));
    return all.split("\n").filter((line) => !known.has(line));
  };
  expect(added(renderChains(input), renderChains(gateway))).toMatchInlineSnapshot(`
    [
      "    iifname "xlat464" jump translated",
      "    iifname "xlat464" drop",
      "  chain translated {",
      "    ip6 saddr != fd2c:81a7:464::c0a8:100/126 counter drop",
      "    ip saddr 198.19.0.0/16 ip daddr 192.168.1.0/30 meta mark set meta mark and 0x0000ffff or 0x71720000 accept",
      "    meta nfproto ipv4 counter drop",
      "    ip6 daddr != @nat64 counter drop",
      "    meta mark set meta mark and 0x0000ffff or 0x71720000",
      "    oifname "gw*" ip6 saddr fd2c:81a7:464::c0a8:100/126 masquerade",
      "    iifname "xlat464" oifname "gw*" meta nfproto ipv6 meta l4proto udp meta mark set meta mark and 0x0000ffff or 0x71730000",
      "    oifname "xlat464" icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } ip6 saddr != @nat64 ip6 saddr set fd2c:81a7:464::c000:8",
    ]
  `);
  expect(added(renderChains6(input), renderChains6(gateway))).toMatchInlineSnapshot(`
    [
      "    iifname "xlat464" jump from_translator",
      "    oifname "xlat464" counter drop",
      "    oifname "xlat464" tcp flags & syn == syn tcp option maxseg size set rt mtu",
      "    oifname "xlat464" ct state established,related accept",
      "    oifname "xlat464" ct status dnat accept",
      "  chain from_translator {",
      "    tcp flags & syn == syn tcp option maxseg size set rt mtu",
      "    oifname "gw*" ip6 saddr fd2c:81a7:464::/96 accept",
    ]
  `);
});

test("tayga knows the LAN as a whole", () => {
  expect(
    renderTayga({ lan: lanOf(gateway), nat64: net6("64:ff9b::/96") }, "/run/g/tayga"),
  ).toMatchInlineSnapshot(`
    "# Written by the gateway; changes are lost.
    tun-device xlat464
    ipv4-addr 192.0.0.2
    ipv6-addr fd2c:81a7:464::c000:2
    prefix 64:ff9b::/96
    map 192.168.1.0/30 fd2c:81a7:464::c0a8:100/126
    map 192.0.0.8 fd2c:81a7:464::c000:8
    "
  `);
  expect(renderTayga({ lan: lanOf(gateway), clients }, "/run/g/tayga")).toMatchInlineSnapshot(`
    "# Written by the gateway; changes are lost.
    tun-device xlat464
    ipv4-addr 192.0.0.2
    ipv6-addr fd2c:81a7:464::c000:2
    dynamic-pool 198.19.0.0/16
    data-dir /run/g/tayga
    map 192.168.1.0/30 fd2c:81a7:464::c0a8:100/126
    map 192.0.0.8 fd2c:81a7:464::c000:8
    "
  `);
  expect(innerOf("10.0.0.1" as never)).toBe("fd2c:81a7:464::a00:1");
});

test("an open device: its clients' answers go to the translator, whatever leads the device itself; what comes out leaves by its own identity", () => {
  const lines = linesOf({ ...dual, open: true }, { translation: { clients } });
  expect(lines).toMatchInlineSnapshot(`
    [
      "tuntap add dev xlat464 mode tun",
      "link set dev xlat464 mtu 1500 group 7171",
      "route replace ::/0 from fd2c:81a7:464::c0a8:102/128 via fe80::2aa:ff:fe00:1 dev gw001122334451 table 999998 protocol 71",
      "route replace 2001:db8:1::/64 from fd2c:81a7:464::c0a8:102/128 dev gw001122334451 table 999998 protocol 71",
      "route replace fd2c:81a7:464::c0a8:100/126 dev xlat464 table 999998 protocol 71",
      "route replace 198.19.0.0/16 dev xlat464 scope link src 192.168.1.1 table 999998 protocol 71",
    ]
  `);
  const desired = [...sample6([{ ...dual, open: true }], { translation: { clients } }).values()];
  expect(desired).toContainEqual({
    kind: "rule",
    preference: 9_999,
    destination: clients,
    action: { to: "lookup", table: 999_998 },
  });
  expect(desired).not.toContainEqual(expect.objectContaining({ set: "nat64" }));
  expect(linesOf({ ...dual, open: true }, {})).toEqual([]);
});
