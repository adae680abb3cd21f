import { expect, test } from "vitest";
import { networkOf } from "../base/cidr4.ts";
import type { DevicePlan } from "./desired.ts";
import { type Action, diff } from "./diff.ts";
import { renderElements, renderIp, renderUp } from "./render.ts";
import { byKey, type Identity, type Rule } from "./resource.ts";
import { anywhere, camera, gateway, ip, mac, printer, router, sample } from "./sample.fixture.ts";

const linesOf = (actions: readonly Action[]): string[] => actions.flatMap(renderIp);
/** What leads from one set of devices to another. */
const between = (before: readonly DevicePlan[], after: readonly DevicePlan[]): Action[] =>
  diff(sample(after), [...sample(before).values()]);
const second: DevicePlan = {
  mac: printer.mac,
  lanIp: ip("192.168.1.5"),
  ipv4: { address: ip("192.0.2.11"), prefixLength: 32, routes: [{ destination: anywhere, router }] },
};

test("two devices on an empty kernel: the lines in order", () => {
  const lan = { ip: gateway.lan.ip, length: 29 };
  const actions = diff(sample([camera, second], { lan }), []);
  expect(linesOf(actions)).toMatchInlineSnapshot(`
    [
      "link set dev eth1 up",
      "link set dev eth0 group 7171",
      "link set dev eth0 up",
      "link add link eth0 name gw001122334451 address 00:11:22:33:44:51 mtu 1400 group 7171 type macvlan mode private bcqueuelen 10000",
      "link add link eth0 name gw001122334452 address 00:11:22:33:44:52 mtu 1500 group 7171 type macvlan mode private bcqueuelen 10000",
      "address add 192.168.1.1/29 dev eth1 metric 7171",
      "address add 192.0.2.10/24 dev gw001122334451 noprefixroute",
      "address add 192.0.2.11/32 dev gw001122334452 noprefixroute",
      "neighbour replace 192.0.2.1 lladdr 00:aa:00:00:00:01 dev gw001122334451 nud permanent protocol 71",
      "neighbour replace 192.0.2.1 lladdr 00:aa:00:00:00:01 dev gw001122334452 nud permanent protocol 71",
      "route replace 192.0.2.0/24 dev gw001122334451 scope link src 192.0.2.10 table 1000002 protocol 71",
      "route replace 198.51.100.7/32 dev gw001122334451 scope link src 192.0.2.10 table 1000002 protocol 71",
      "route replace 0.0.0.0/0 via 192.0.2.1 dev gw001122334451 onlink src 192.0.2.10 table 1000002 protocol 71",
      "route replace 0.0.0.0/0 via 192.0.2.1 dev gw001122334452 onlink src 192.0.2.11 table 1000005 protocol 71",
      "route replace 192.0.2.0/24 dev gw001122334451 scope link src 192.0.2.10 table 999999 protocol 71",
      "route replace 198.51.100.7/32 dev gw001122334451 scope link src 192.0.2.10 table 999999 protocol 71",
      "route replace 0.0.0.0/0 via 192.0.2.1 dev gw001122334451 onlink src 192.0.2.10 table 999999 protocol 71",
      "rule add pref 32712 iif lo lookup 999999 protocol 71",
      "rule add pref 32711 iif lo lookup default suppress_ifgroup 7171 protocol 71",
      "rule add pref 32710 iif lo lookup main suppress_ifgroup 7171 protocol 71",
      "rule add pref 32701 type nop protocol 71",
      "rule add pref 32700 iif eth1 type unreachable protocol 71",
      "rule add pref 10018 iif eth1 type unreachable protocol 71",
      "rule add pref 10015 from 192.168.1.5/32 lookup 1000005 protocol 71",
      "rule add pref 10012 from 192.168.1.2/32 lookup 1000002 protocol 71",
      "rule add pref 10002 not from 192.168.1.0/29 type unreachable protocol 71",
      "rule add pref 10001 not iif eth1 goto 32701 protocol 71",
      "rule add pref 10000 to 192.168.1.0/29 iif eth1 lookup main protocol 71",
    ]
  `);
  expect(renderElements(actions)).toMatchInlineSnapshot(`
    "add element inet ipv4_ipv6_gateway own4 { 192.0.2.10 . "gw001122334451", 192.0.2.11 . "gw001122334452" }
    add element inet ipv4_ipv6_gateway held4 { 192.0.2.10, 192.0.2.11 }
    add element inet ipv4_ipv6_gateway snat4 { 192.168.1.2, 192.168.1.5 }
    "
  `);
});

test("a goto that leads elsewhere is taken away first, since the kernel takes it for the same rule", () => {
  const rule = (preference: number): Rule => ({
    ...{ kind: "rule", preference: 10_010, from: networkOf(ip("192.168.1.8"), 29) },
    action: { to: "goto", preference },
  });
  expect(linesOf(diff(byKey([rule(10_021)]), [rule(10_024)]))).toEqual([
    "rule delete pref 10010 from 192.168.1.8/29 goto 10024 protocol 71",
    "rule add pref 10010 from 192.168.1.8/29 goto 10021 protocol 71",
  ]);
});

test("an identity is created down and set up by a line of its own", () => {
  const identity = sample().get("identity gw001122334451") as Identity;
  expect(renderUp(identity)).toBe("link set dev gw001122334451 up");
  const put = (was: Partial<Identity>): string[] =>
    renderIp({ kind: "put", resource: identity, was: { ...identity, ...was } });
  expect(put({ up: false })).toEqual([]);
  expect(put({ mtu: 1500 })).toEqual(["link set dev gw001122334451 mtu 1400"]);
  const again = [
    "link delete dev gw001122334451",
    "link add link eth0 name gw001122334451 address 00:11:22:33:44:51 mtu 1400 group 7171 type macvlan mode private bcqueuelen 10000",
  ];
  expect(put({ mac: mac("00:11:22:33:44:99") })).toEqual(again);
  expect(put({ parent: "eth7" })).toEqual(again);
});

test("another address on the WAN: the new one is there before the old one goes", () => {
  const moved = { ...camera, ipv4: { ...(camera.ipv4 ?? fail()), address: ip("192.0.2.77") } };
  const actions = between([camera], [moved]);
  expect(linesOf(actions)).toMatchInlineSnapshot(`
    [
      "address add 192.0.2.77/24 dev gw001122334451 noprefixroute",
      "route replace 192.0.2.0/24 dev gw001122334451 scope link src 192.0.2.77 table 1000002 protocol 71",
      "route replace 198.51.100.7/32 dev gw001122334451 scope link src 192.0.2.77 table 1000002 protocol 71",
      "route replace 0.0.0.0/0 via 192.0.2.1 dev gw001122334451 onlink src 192.0.2.77 table 1000002 protocol 71",
      "route replace 192.0.2.0/24 dev gw001122334451 scope link src 192.0.2.77 table 999999 protocol 71",
      "route replace 198.51.100.7/32 dev gw001122334451 scope link src 192.0.2.77 table 999999 protocol 71",
      "route replace 0.0.0.0/0 via 192.0.2.1 dev gw001122334451 onlink src 192.0.2.77 table 999999 protocol 71",
      "address delete 192.0.2.10/24 dev gw001122334451",
    ]
  `);
  expect(renderElements(actions)).toMatchInlineSnapshot(`
    "delete element inet ipv4_ipv6_gateway own4 { 192.0.2.10 . "gw001122334451" }
    delete element inet ipv4_ipv6_gateway held4 { 192.0.2.10 }
    add element inet ipv4_ipv6_gateway own4 { 192.0.2.77 . "gw001122334451" }
    add element inet ipv4_ipv6_gateway held4 { 192.0.2.77 }
    "
  `);
});

test("the same address with another prefix is taken off and put on", () => {
  const wider = { ...camera, ipv4: { ...(camera.ipv4 ?? fail()), prefixLength: 25, routes: [] } };
  expect(linesOf(between([camera], [wider])).slice(0, 2)).toEqual([
    "address delete 192.0.2.10/24 dev gw001122334451",
    "address add 192.0.2.10/25 dev gw001122334451 noprefixroute",
  ]);
});

test("a device that goes: rules from the root, elements, then the interface with all it carries", () => {
  const actions = between([camera, printer], [printer]);
  expect(linesOf(actions)).toMatchInlineSnapshot(`
    [
      "rule delete pref 10012 from 192.168.1.2/32 lookup 1000002 protocol 71",
      "rule delete pref 10014 iif eth1 type unreachable protocol 71",
      "rule delete pref 32710 iif lo lookup main suppress_ifgroup 7171 protocol 71",
      "rule delete pref 32711 iif lo lookup default suppress_ifgroup 7171 protocol 71",
      "rule delete pref 32712 iif lo lookup 999999 protocol 71",
      "link delete dev gw001122334451",
    ]
  `);
  expect(renderElements(actions)).toMatchInlineSnapshot(`
    "delete element inet ipv4_ipv6_gateway own4 { 192.0.2.10 . "gw001122334451" }
    delete element inet ipv4_ipv6_gateway held4 { 192.0.2.10 }
    delete element inet ipv4_ipv6_gateway snat4 { 192.168.1.2 }
    "
  `);
});

test("no element, no script", () => {
  expect(renderElements(between([], [printer]))).toBe("");
});

const fail = (): never => {
  throw new Error("the sample has a lease");
};
