import { expect, test } from "vitest";
import type { DevicePlan } from "./desired.ts";
import { type Action, diff } from "./diff.ts";
import { renderIp } from "./render.ts";
import { around6, dual, ip6, network6, prefixes, printer, sample6, slaacOf } from "./sample.fixture.ts";

const v6 = (action: Action): boolean => action.resource.kind.endsWith("6");
const linesOf = (actions: readonly Action[]): string[] => actions.filter(v6).flatMap(renderIp);
const between = (before: readonly DevicePlan[], after: readonly DevicePlan[], over = {}): Action[] =>
  diff(sample6(after, over), [...sample6(before).values()]);

test("IPv6 of a device on an empty kernel: the lines in order", () => {
  expect(linesOf(diff(sample6(), []))).toMatchInlineSnapshot(`
    [
      "address add 2001:db8:1::77/128 dev gw001122334451 noprefixroute",
      "address add 2001:db8:1::78/128 dev gw001122334451 noprefixroute preferred_lft 0",
      "neighbour replace fe80::2aa:ff:fe00:1 lladdr 00:aa:00:00:00:01 dev gw001122334451 nud permanent protocol 71",
      "neighbour replace fe80::2aa:ff:fe00:2 lladdr 00:aa:00:00:00:02 dev gw001122334451 nud permanent protocol 71",
      "route replace 2001:db8:1::/64 from 2001:db8:1::77/128 dev gw001122334451 table 999998 protocol 71",
      "route replace ::/0 from 2001:db8:1::77/128 via fe80::2aa:ff:fe00:1 dev gw001122334451 table 999998 protocol 71",
      "route replace 2001:db8:1::/64 from 2001:db8:1::78/128 dev gw001122334451 table 999998 protocol 71",
      "route replace ::/0 from 2001:db8:1::78/128 via fe80::2aa:ff:fe00:1 dev gw001122334451 table 999998 protocol 71",
      "route replace 2001:db8:1::/64 from 2001:db8:1:0:211:22ff:fe33:4451/128 dev gw001122334451 table 999998 protocol 71",
      "route replace ::/0 from 2001:db8:1:0:211:22ff:fe33:4451/128 via fe80::2aa:ff:fe00:1 dev gw001122334451 table 999998 protocol 71",
      "route replace 2001:db8:2::/64 from 2001:db8:2:0:211:22ff:fe33:4451/128 dev gw001122334451 table 999998 protocol 71",
      "route replace ::/0 from 2001:db8:2:0:211:22ff:fe33:4451/128 via fe80::2aa:ff:fe00:2 dev gw001122334451 table 999998 protocol 71",
      "route replace 2001:db8:1::/64 dev gw001122334451 src 2001:db8:1::77 table 999999 protocol 71",
      "route replace ::/0 via fe80::2aa:ff:fe00:1 dev gw001122334451 src 2001:db8:1::77 table 999999 protocol 71",
      "rule add pref 32712 iif lo lookup 999999 protocol 71",
      "rule add pref 32710 iif lo lookup main suppress_ifgroup 7171 protocol 71",
      "rule add pref 10000 lookup 999998 protocol 71",
    ]
  `);
});

test("a prefix withdrawn: its address goes, with its routes; the kernel makes the next one by itself", () => {
  const leased = dual.ipv6?.leased ?? [];
  const left = { ...dual, ipv6: { leased, slaac: [slaacOf(dual, prefixes[1])] } };
  const network = { routers: network6.routers.slice(1), onLink: [prefixes[1]] };
  expect(linesOf(between([dual], [left], { network6: network }))).toMatchInlineSnapshot(`
    [
      "route replace 2001:db8:2::/64 from 2001:db8:1::77/128 dev gw001122334451 table 999998 protocol 71",
      "route replace ::/0 from 2001:db8:1::77/128 via fe80::2aa:ff:fe00:2 dev gw001122334451 table 999998 protocol 71",
      "route replace 2001:db8:2::/64 from 2001:db8:1::78/128 dev gw001122334451 table 999998 protocol 71",
      "route replace ::/0 from 2001:db8:1::78/128 via fe80::2aa:ff:fe00:2 dev gw001122334451 table 999998 protocol 71",
      "route replace 2001:db8:2::/64 dev gw001122334451 src 2001:db8:2:0:211:22ff:fe33:4451 table 999999 protocol 71",
      "route replace ::/0 via fe80::2aa:ff:fe00:2 dev gw001122334451 src 2001:db8:2:0:211:22ff:fe33:4451 table 999999 protocol 71",
      "route delete 2001:db8:1::/64 from 2001:db8:1::77/128 dev gw001122334451 table 999998 protocol 71",
      "route delete 2001:db8:1::/64 from 2001:db8:1::78/128 dev gw001122334451 table 999998 protocol 71",
      "route delete 2001:db8:1::/64 from 2001:db8:1:0:211:22ff:fe33:4451/128 dev gw001122334451 table 999998 protocol 71",
      "route delete ::/0 from 2001:db8:1:0:211:22ff:fe33:4451/128 dev gw001122334451 table 999998 protocol 71",
      "route delete 2001:db8:1::/64 dev gw001122334451 table 999999 protocol 71",
      "neighbour delete fe80::2aa:ff:fe00:1 dev gw001122334451",
      "address delete 2001:db8:1:0:211:22ff:fe33:4451/64 dev gw001122334451",
      "route delete 2001:db8:1::/64 dev gw001122334451 protocol kernel",
    ]
  `);
});

test("the better router died: routes change where they are, its entry goes", () => {
  const network = { ...network6, routers: network6.routers.slice(1) };
  expect(linesOf(between([dual], [dual], { network6: network }))).toMatchInlineSnapshot(`
    [
      "route replace 2001:db8:2::/64 from 2001:db8:1::77/128 dev gw001122334451 table 999998 protocol 71",
      "route replace ::/0 from 2001:db8:1::77/128 via fe80::2aa:ff:fe00:2 dev gw001122334451 table 999998 protocol 71",
      "route replace 2001:db8:2::/64 from 2001:db8:1::78/128 dev gw001122334451 table 999998 protocol 71",
      "route replace ::/0 from 2001:db8:1::78/128 via fe80::2aa:ff:fe00:2 dev gw001122334451 table 999998 protocol 71",
      "route replace 2001:db8:2::/64 from 2001:db8:1:0:211:22ff:fe33:4451/128 dev gw001122334451 table 999998 protocol 71",
      "route replace ::/0 from 2001:db8:1:0:211:22ff:fe33:4451/128 via fe80::2aa:ff:fe00:2 dev gw001122334451 table 999998 protocol 71",
      "route replace 2001:db8:2::/64 dev gw001122334451 src 2001:db8:1::77 table 999999 protocol 71",
      "route replace ::/0 via fe80::2aa:ff:fe00:2 dev gw001122334451 src 2001:db8:1::77 table 999999 protocol 71",
      "neighbour delete fe80::2aa:ff:fe00:1 dev gw001122334451",
    ]
  `);
});

test("lifetimes change without taking the address off", () => {
  const address = ip6("2001:db8:1::77");
  const lease = (deprecated: boolean) => ({
    ...dual,
    ipv6: { leased: [{ address, deprecated }], slaac: [] },
  });
  const addressLines = (from: boolean, to: boolean): string[] =>
    linesOf(between([lease(from)], [lease(to)])).filter((line) => line.startsWith("address"));
  expect(addressLines(false, true)).toEqual([
    "address replace 2001:db8:1::77/128 dev gw001122334451 noprefixroute preferred_lft 0",
  ]);
  expect(addressLines(true, false)).toEqual([
    "address replace 2001:db8:1::77/128 dev gw001122334451 noprefixroute preferred_lft forever",
  ]);
});

test("an address put with another length is taken off and put on", () => {
  const wide = {
    kind: "address6",
    ifname: "gw001122334451",
    ip: ip6("2001:db8:1::77"),
    length: 64,
    origin: "other",
  } as const;
  const there = [...sample6().values()].filter(
    (r) => r.kind !== "address6" || r.ip !== wide.ip || r.ifname !== wide.ifname,
  );
  expect(linesOf(diff(sample6(), [...there, wide]))).toEqual([
    "address delete 2001:db8:1::77/64 dev gw001122334451",
    "address add 2001:db8:1::77/128 dev gw001122334451 noprefixroute",
  ]);
});

test("a device that goes takes its IPv6 along with the interface", () => {
  expect(linesOf(between([dual, printer], [printer], { addresses6: around6.addresses6 }))).toEqual([
    "rule delete pref 10000 lookup 999998 protocol 71",
    "rule delete pref 32710 iif lo lookup main suppress_ifgroup 7171 protocol 71",
    "rule delete pref 32712 iif lo lookup 999999 protocol 71",
  ]);
});
