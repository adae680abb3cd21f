import { expect, test } from "vitest";
import { type Ip6, ip6ToBytes } from "../../base/ip6.ts";
import { ifaddr, ifinfo, ndmsg, netlinkMessage, rtmsg, u32, zeroEnded } from "./netlink.fixture.ts";
import { Sieve } from "./sieve.ts";

const ip = ip6ToBytes("2001:db8::5" as Ip6);
const address = (flags: number, type = 20, index = 7): Uint8Array =>
  netlinkMessage(type, ifaddr(10, 64, index, flags), [
    [1, ip],
    [8, u32(flags)],
    // Lifetimes, which each advertisement sets anew.
    [6, u32(Math.floor(Math.random() * 2 ** 32))],
  ]);
const link = (flags: number, over: { type?: number; mtu?: number; group?: number; flags?: number } = {}) =>
  netlinkMessage(
    over.type ?? 16,
    ifinfo(7, flags),
    [
      [3, zeroEnded("gw001122334451")],
      [4, u32(over.mtu ?? 1500)],
      [27, u32(over.group ?? 0)],
    ],
    over.flags,
  );
const passing = (sieve: Sieve, datagrams: readonly Uint8Array[]): readonly boolean[] =>
  datagrams.map((datagram) => sieve.passes(datagram));

test("an IPv6 address passes when it is new, in another state, gone or back, and not when it is told again", () => {
  const sieve = new Sieve();
  const [tentative, usable] = [0x40, 0x80];
  expect(passing(sieve, [address(tentative), address(tentative), address(usable), address(usable)])).toEqual([
    ...[true, false, true, false],
  ]);
  expect(passing(sieve, [address(usable, 20, 8), address(usable, 21), address(usable)])).toEqual([
    ...[true, true, true],
  ]);
  // With its interface it goes too.
  expect(passing(sieve, [link(0, { type: 17 }), address(usable), address(usable)])).toEqual([
    ...[true, true, false],
  ]);
});

test("a link passes when anything of it is different, and not when it is told again", () => {
  const sieve = new Sieve();
  const steps = [
    link(1),
    link(1),
    link(0),
    link(1),
    link(1, { mtu: 1400 }),
    link(1, { mtu: 1400, group: 5 }),
  ];
  expect(passing(sieve, steps)).toEqual([true, false, true, true, true, true]);
  expect(
    passing(sieve, [link(1, { mtu: 1400, group: 5, type: 17 }), link(1, { mtu: 1400, group: 5 })]),
  ).toEqual([...[true, true]]);
});

test("the list of all interfaces passes, and is no event to compare with", () => {
  const sieve = new Sieve();
  expect(passing(sieve, [link(1, { flags: 2 }), link(1, { flags: 2 }), link(1)])).toEqual([true, true, true]);
});

const [reachable, stale, delay, probe, failed] = [0x02, 0x04, 0x08, 0x10, 0x20];
const neighbour = (
  state: number,
  over: { type?: number; family?: number; last?: number; mac?: boolean } = {},
) =>
  netlinkMessage(over.type ?? 28, ndmsg(over.family ?? 2, 3, state), [
    [1, u32(1)],
    ...(over.mac === false ? [] : [[2, Uint8Array.of(2, 0, 0x5e, 0x10, 0, over.last ?? 1)] as const]),
  ]);

test("of neighbours those of IPv4 pass, whenever one answers, has another MAC, does not answer or goes", () => {
  const sieve = new Sieve();
  expect(passing(sieve, [neighbour(reachable), neighbour(reachable), neighbour(stale)])).toEqual([
    ...[true, true, false],
  ]);
  expect(passing(sieve, [neighbour(delay), neighbour(probe), neighbour(stale, { last: 2 })])).toEqual([
    ...[false, false, true],
  ]);
  expect(passing(sieve, [neighbour(failed, { mac: false }), neighbour(stale), neighbour(stale)])).toEqual([
    ...[true, true, false],
  ]);
  expect(passing(sieve, [neighbour(stale, { type: 29 }), neighbour(stale)])).toEqual([true, true]);
  for (const family of [10, 7])
    expect(
      passing(sieve, [neighbour(reachable, { family }), neighbour(stale, { family, type: 29 })]),
    ).toEqual([...[false, false]]);
});

test("routes, rules, settings and IPv4 addresses pass each time, also beside what does not", () => {
  const sieve = new Sieve();
  const route = netlinkMessage(24, rtmsg({ family: 2, protocol: 71 }), []);
  const rule = netlinkMessage(32, rtmsg({ family: 2, protocol: 0 }), []);
  const setting = netlinkMessage(80, Uint8Array.of(2), [[1, u32(7)]]);
  const address4 = netlinkMessage(20, ifaddr(2, 24, 7), [[2, u32(1)]]);
  for (const datagram of [route, rule, setting, address4])
    expect(passing(sieve, [datagram, datagram])).toEqual([true, true]);
  const both = Uint8Array.from([...address(0x80), ...route]);
  expect(passing(sieve, [both, both, address(0x80)])).toEqual([true, true, false]);
});

test("after a loss all is news", () => {
  const sieve = new Sieve();
  passing(sieve, [address(0x80), link(1)]);
  sieve.clear();
  expect(passing(sieve, [address(0x80), link(1)])).toEqual([true, true]);
});
