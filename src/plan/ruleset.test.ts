import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { elementsOf } from "./desired.ts";
import { letInMark } from "./marks.ts";
import { parseObserved, type RawObservation } from "./observe.ts";
import { renderIp } from "./render.ts";
import {
  countRules,
  planRuleset,
  type RulesetInput,
  renderChains,
  renderChains6,
  renderRuleset,
  savedText,
} from "./ruleset.ts";
import { dual, gateway, ip, sample, sample6 } from "./sample.fixture.ts";
import { planPortSysctls } from "./sysctls.ts";
import { translationRules } from "./translation.ts";

const use: RulesetInput = { ...gateway, ownMac: "use" };

test("the table of a silent port, whole", () => {
  const saved = new Map([["net/ipv4/ip_forward", "0"]]);
  expect(renderRuleset(gateway, elementsOf(sample()), saved)).toMatchInlineSnapshot(`
    "add table inet ipv4_ipv6_gateway
    delete table inet ipv4_ipv6_gateway
    add table ip6 ipv4_ipv6_gateway
    delete table ip6 ipv4_ipv6_gateway
    table inet ipv4_ipv6_gateway {
      set snat4 {
        type ipv4_addr
        elements = { 192.168.1.2 }
      }
      set own4 {
        type ipv4_addr . ifname
        elements = { 192.0.2.10 . "gw001122334451" }
      }
      set own6 {
        type ipv6_addr
      }
      set held4 {
        type ipv4_addr
        elements = { 192.0.2.10 }
      }
      map device4 {
        type ipv4_addr : ipv4_addr
      }
      map forward4 {
        type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
      }
      map lan4 {
        type inet_proto . inet_service : ipv4_addr . inet_service
      }
      set reach6 {
        type ipv6_addr
      }
      set forward6 {
        type ipv6_addr . inet_service
      }
      set open4 {
        type ipv4_addr . ipv4_addr
        flags interval
      }
      map target4 {
        type ipv4_addr : ipv4_addr
      }
      set open6 {
        type ipv6_addr . ipv6_addr
        flags interval
      }
      map target6 {
        type ipv6_addr : ipv6_addr
      }
      set nat64 {
        type ipv6_addr
        flags interval
      }
      set saved {
        type mark
        elements = { 1513101484 comment "net/ipv4/ip_forward=0" }
      }
      chain rev_2ef13ab320530d66_68 {
      }
      chain sources {
        type nat hook prerouting priority dstnat - 20; policy accept;
        iifname "eth1" ip saddr != 0.0.0.0 fib saddr type { local, broadcast } counter drop
        iifname "gw*" ip saddr != 0.0.0.0 fib saddr type { local, broadcast } counter drop
      }
      chain inbound {
        type nat hook prerouting priority dstnat - 10; policy accept;
        iifname "gw*" ip daddr . iifname @own4 dnat ip to ip daddr . meta l4proto . th dport map @forward4
        iifname "gw*" ip daddr . iifname @own4 meta l4proto tcp dnat ip to ip daddr map @device4 : tcp dport map { 80 : 80, 8080 : 80 }
        iifname "gw*" ip daddr . iifname @own4 ip daddr . ip saddr @open4 udp dport != 68 dnat ip to ip daddr map @target4
        iifname "gw*" ip daddr . iifname @own4 ip daddr . ip saddr @open4 meta l4proto tcp dnat ip to ip daddr map @target4
        iifname "gw*" ip daddr . iifname @own4 ip daddr . ip saddr @open4 icmp type echo-request dnat ip to ip daddr map @target4
        iifname "gw*" meta nfproto ipv6 jump inbound6
        iifname "eth1" ip daddr 192.168.1.1 dnat ip to meta l4proto . th dport map @lan4
      }
      chain inbound6 {
        fib daddr . iif type != local return
        ip6 saddr fd2c:81a7:464::/96 return
        ip6 daddr . tcp dport @forward6 return
        ip6 daddr @reach6 tcp dport { 80, 8080 } return
        ip6 daddr . ip6 saddr @open6 udp dport != 546 dnat ip6 to ip6 daddr map @target6
        ip6 daddr . ip6 saddr @open6 meta l4proto tcp dnat ip6 to ip6 daddr map @target6
        ip6 daddr . ip6 saddr @open6 icmpv6 type echo-request dnat ip6 to ip6 daddr map @target6
      }
      chain arriving {
        type filter hook prerouting priority dstnat + 10; policy accept;
        iifname "eth1" accept
        iifname "gw*" jump from_outside
        iifname "eth0" drop
      }
      chain from_outside {
        meta nfproto ipv6 jump from_outside6
        ip saddr 192.168.1.0/30 counter drop
        meta l4proto tcp tcp flags & (fin | syn | rst | ack) == syn ct status & dnat == 0 counter drop
        ct state != { established, related } jump unasked
      }
      chain from_outside6 {
        jump link_talk
        meta l4proto tcp tcp flags & (fin | syn | rst | ack) == syn jump to_proxy
        ct status dnat ct original ip6 daddr . ct original ip6 saddr != @open6 counter drop
      }
      chain unasked {
        ct status dnat meta mark set meta mark and 0x0000ffff or 0x71720000 accept
        counter drop
      }
      chain link_talk {
        ip6 hoplimit 255 icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } meta mark set meta mark and 0x0000ffff or 0x71720000 accept
        ip6 saddr fe80::/10 icmpv6 type mld-listener-query meta mark set meta mark and 0x0000ffff or 0x71720000 accept
      }
      chain to_proxy {
        meta nfproto ipv6 ct status & dnat == 0 fib daddr . iif type != local counter drop
        meta l4proto tcp ip6 daddr . tcp dport @forward6 tproxy ip6 to [::1]:61440 accept
        meta l4proto tcp ip6 daddr @reach6 tproxy ip6 to [::1]:tcp dport map { 80 : 61441, 8080 : 61442 } accept
      }
      chain input {
        type filter hook input priority filter - 10; policy accept;
        iifname "gw*" jump to_gateway
        iifname "eth1" ip daddr @held4 drop
        iifname "eth1" meta nfproto ipv6 fib daddr . iif type != { local, multicast } drop
        iifname "eth0" drop
      }
      chain to_gateway {
        jump link_talk
        meta l4proto tcp tcp flags & (fin | syn | rst | ack) == syn socket transparent 1 meta mark set meta mark and 0x0000ffff or 0x71720000 accept
        meta l4proto tcp tcp flags & (fin | syn | rst | ack) == syn counter drop
        ct state established,related accept
        counter drop
      }
      chain output {
        type filter hook output priority filter - 10; policy accept;
        oifname "eth0" drop
      }
      chain postrouting {
        type nat hook postrouting priority srcnat - 10; policy accept;
        oifname "gw*" ip saddr @snat4 masquerade
        oifname "eth1" ct status dnat ip saddr 192.168.1.0/30 masquerade
      }
      chain leaving {
        type filter hook postrouting priority srcnat + 10; policy accept;
        meta l4proto udp iifname "eth1" ip saddr . oifname @own4 ip daddr != 169.254.0.0/16 meta mark 0 ct status & dnat == 0 meta mark set 0x71730000 accept
        iifname "eth1" ip saddr . oifname @own4 ip daddr != 169.254.0.0/16 accept
        iifname "gw*" meta nfproto ipv4 jump from_wan
        oifname "gw*" jump to_wan
        oifname "eth0" drop
        iifname "eth0" drop
      }
      chain from_wan {
        oifname "eth1" ct state established,related accept
        oifname "eth1" ct status dnat accept
        ip daddr 224.0.0.0/24 return
        counter drop
      }
      chain to_wan {
        iif 0 ip saddr . oifname @own4 accept
        iifname "eth1" ip daddr 169.254.0.0/16 drop
        iifname != "eth1" ct original ip saddr . oifname @own4 ip saddr . oifname @own4 accept
        ip6 saddr :: meta l4proto ipv6-icmp accept
        meta nfproto ipv6 fib saddr . oif type local accept
        counter drop
      }
    }
    table ip6 ipv4_ipv6_gateway {
      chain forwarding {
        type filter hook forward priority filter - 10; policy accept;
        iifname "gw*" jump from_wan
        oifname "gw*" counter drop
        oifname "eth0" drop
        iifname "eth0" drop
      }
      chain from_wan {
        oifname "eth1" ct state established,related accept
        oifname "eth1" ct status dnat accept
        counter drop
      }
    }
    "
  `);
});

test("a port that is a host of its own is not shut", () => {
  const lines = (input: RulesetInput): string[] => (renderChains(input) + renderChains6(input)).split("\n");
  const open = new Set(lines(use));
  expect(lines(gateway).filter((line) => !open.has(line))).toMatchInlineSnapshot(`
    [
      "    iifname "eth0" drop",
      "    iifname "eth0" drop",
      "  chain output {",
      "    type filter hook output priority filter - 10; policy accept;",
      "    oifname "eth0" drop",
      "    oifname "eth0" drop",
      "    iifname "eth0" drop",
      "    oifname "eth0" drop",
      "    iifname "eth0" drop",
    ]
  `);
});

test("answers to what came in by a port that is a host of its own are marked, and go back by the main table", () => {
  const mark =
    '    iifname "eth1" ct direction reply ct status dnat ct original ip daddr != @held4 meta mark set meta mark and 0x0000ffff or 0x71710000\n';
  expect(renderChains(use)).toContain(mark);
  expect(renderChains(gateway)).not.toContain("0x71710000");
  const rule = [...sample6([dual], { ownMac: "use" }).values()].filter((r) => r.kind === "rule" && r.mark);
  const lines = rule.flatMap((resource) => renderIp({ kind: "put", resource }));
  expect(lines).toEqual(["rule add pref 10003 fwmark 0x71710000/0xffff0000 lookup main protocol 71"]);
  expect([...sample6([dual]).values()].some((r) => r.kind === "rule" && r.mark)).toBe(false);
  // As iproute2 6.1 prints it.
  const shown = { fwmark: "0x71710000", fwmask: "0xffff0000", table: "main", protocol: "71" };
  const found = parseObserved({
    rules: [{ priority: 10003, src: "all", ...shown }],
  } as unknown as RawObservation);
  expect(found.resources).toEqual(rule);
});

test.each(["chain-pre/input", "chain-post/forward"])(
  "what OpenWrt's firewall reads into %s asks for our mark",
  (place) => {
    const path = `../../deploy/openwrt/files/usr/share/nftables.d/${place}/ipv4-ipv6-gateway.nft`;
    const rules = readFileSync(new URL(path, import.meta.url), "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    const marked = `meta mark & ${letInMark.mask} == ${letInMark.value} counter accept `;
    const toTranslator = 'meta nfproto ipv4 iifname != "gw*" oifname "xlat464" counter accept ';
    const wanted = place === "chain-post/forward" ? [marked, toTranslator] : [marked];
    expect(rules.map((rule) => rule.split("comment")[0])).toEqual(wanted);
  },
);

test("what comes in by a port that is a host of its own and leads to a device is marked", () => {
  const mark = `meta mark set meta mark and 0x0000ffff or ${letInMark.value} accept`;
  expect(renderChains(use)).toContain(`    iifname "eth0" ct state new ct status dnat ${mark}\n`);
  expect(renderChains(gateway)).not.toContain('iifname "eth0" ct');
});

test("through a port that is a host of its own nothing leaves with a device's IPv6 address", () => {
  const address = elementsOf(sample6([dual], { ownMac: "use" }));
  const text = renderRuleset(use, address, new Map());
  expect(text).toContain(`  set own6 {
    type ipv6_addr
    elements = { 2001:db8:1::77,
      2001:db8:1::78,
      2001:db8:1:0:211:22ff:fe33:4451,
      2001:db8:2:0:211:22ff:fe33:4451 }
  }
`);
  expect(text).toContain('    oifname "eth0" ip6 saddr @own6 counter drop\n');
  expect(renderRuleset(gateway, address, new Map())).not.toContain("@own6");
});

test("flows of datagrams are written down for the short way, where there is one: translated ones too", () => {
  const translates = translationRules(
    { address: ip("192.168.1.0"), length: 30 },
    {
      address: ip("198.19.0.0"),
      length: 16,
    },
  );
  const marks = (shortWays: boolean): string[] =>
    renderChains({ ...gateway, translates, shortWays })
      .split("\n")
      .filter((line) => line.includes("0x7173"));
  expect(marks(true)).toEqual([
    '    meta l4proto udp iifname "eth1" ip saddr . oifname @own4 ip daddr != 169.254.0.0/16 meta mark 0 ct status & dnat == 0 meta mark set 0x71730000 accept',
    '    iifname "xlat464" oifname "gw*" meta nfproto ipv6 meta l4proto udp meta mark set meta mark and 0x0000ffff or 0x71730000',
  ]);
  expect(marks(false)).toEqual([]);
});

test("an empty table has no elements, since nft knows no empty list", () => {
  expect(renderRuleset(use, [], new Map())).not.toContain("elements");
});

test("the revision changes with every character and with the number of rules", () => {
  const revision = (input: RulesetInput): string => planRuleset(input).revision;
  expect(revision({ ...gateway })).toBe(revision(gateway));
  const others = [use, { ...gateway, lanPort: "eth2" }, { ...gateway, wanPort: "eth3" }].map(revision);
  expect(new Set([revision(gateway), ...others]).size).toBe(4);
  expect(revision(gateway)).toMatch(/^[0-9a-f]{16}_68$/);
  expect(countRules(renderChains(use) + renderChains6(use))).toBe(79);
});

test.each(["br-lan", "eth0.100", "wan_1", "enx001122334455"])("the interface name %s is quoted", (name) => {
  const input: RulesetInput = { lanPort: name, wanPort: `${name}w`, ownMac: "silent", shortWays: true };
  const chains = renderChains(input) + renderChains6(input);
  const names = [...chains.matchAll(/[io]ifname (?:!= )?(\S+)/g)].map(([, text]) => text);
  expect(names).toContain(`"${name}"`);
  expect(names).toContain(`"${name}w"`);
  expect(names.filter((text) => text !== "@own4").every((text) => /^"[^"]+"$/.test(text ?? ""))).toBe(true);
});

test("settings that were kept have numbers of their own, whatever else is kept", () => {
  const keys = planPortSysctls(gateway).map((s) => s.key);
  const texts = keys.map((key) => savedText(key, "0"));
  expect(new Set(texts.map((text) => text.split(" ")[0])).size).toBe(keys.length);
  expect(savedText("net/ipv4/ip_forward", "1").split(" ")[0]).toBe(
    savedText("net/ipv4/ip_forward", "0").split(" ")[0],
  );
});
