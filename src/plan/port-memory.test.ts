import { expect, test } from "vitest";
import { rememberIpv6, renderRestoring } from "./port-memory.ts";

/** As iproute2 6.1 printed them of a port with two addresses of its operator's and one of a lease; hardware figures left out. */
const addresses = [
  {
    ifname: "eth0",
    addr_info: [
      {
        family: "inet6",
        local: "2001:db8:7::5",
        prefixlen: 64,
        scope: "global",
        dynamic: true,
        valid_life_time: 998,
      },
      {
        family: "inet6",
        local: "2001:db8:6::5",
        prefixlen: 128,
        scope: "global",
        nodad: true,
        noprefixroute: true,
        valid_life_time: 4294967295,
      },
      {
        family: "inet6",
        local: "2001:db8:5::5",
        prefixlen: 64,
        scope: "global",
        valid_life_time: 4294967295,
      },
      {
        family: "inet6",
        local: "fe80::9cb3:f3ff:feaa:d080",
        prefixlen: 64,
        scope: "link",
        valid_life_time: 4294967295,
      },
    ],
  },
];
const unicast = { type: "unicast", table: "main", scope: "global", flags: [] as string[], pref: "medium" };
const routes = [
  {
    ...unicast,
    dst: "2001:db8:98::/48",
    table: "7",
    protocol: "static",
    metric: 1024,
    metrics: [{ mtu: 1400 }],
  },
  { ...unicast, dst: "2001:db8:5::/64", protocol: "kernel", metric: 256 },
  { ...unicast, dst: "2001:db8:96::/48", protocol: "static", metric: 256, expires: 997 },
  {
    ...unicast,
    dst: "2001:db8:97::/48",
    gateway: "fe80::9",
    protocol: "boot",
    prefsrc: "2001:db8:6::5",
    metric: 1024,
    flags: ["onlink"],
  },
  { ...unicast, dst: "default", gateway: "fe80::2", protocol: "ra", metric: 300 },
  { ...unicast, dst: "default", gateway: "fe80::1", protocol: "boot", metric: 1024 },
  { ...unicast, type: "local", dst: "2001:db8:5::5", table: "local", protocol: "kernel", metric: 0 },
  { ...unicast, type: "multicast", dst: "ff00::/8", table: "local", protocol: "kernel", metric: 256 },
];

test("what somebody configured is kept and put back, addresses first; what comes by itself is not", () => {
  const { entries, shown, tooLong } = rememberIpv6("eth0", addresses, routes);
  expect(tooLong).toEqual([]);
  expect(shown).toEqual([
    "2001:db8:6::5/128",
    "2001:db8:5::5/64",
    "2001:db8:98::/48",
    "2001:db8:97::/48 via fe80::9",
    "default via fe80::1",
  ]);
  expect(renderRestoring(entries).after.map(({ line }) => line)).toEqual([
    "address add 2001:db8:6::5/128 dev eth0 nodad noprefixroute",
    "address add 2001:db8:5::5/64 dev eth0",
    "route add 2001:db8:98::/48 table 7 metric 1024 dev eth0 mtu 1400 protocol static",
    "route add 2001:db8:97::/48 table main metric 1024 dev eth0 via fe80::9 src 2001:db8:6::5 onlink protocol boot",
    "route add default table main metric 1024 dev eth0 via fe80::1 protocol boot",
  ]);
});

test("a port that was down is put down first, and gets no routes", () => {
  const { entries } = rememberIpv6("eth0", addresses, routes);
  const memory = new Map([...entries, ["port eth0 state", "down"], ["port eth0 group", "lab"]] as const);
  const { before, after } = renderRestoring(memory);
  expect(before.map(({ line }) => line)).toEqual(["link set dev eth0 down", "link set dev eth0 group lab"]);
  expect(after.map(({ line }) => line.split(" ", 1)[0])).toEqual(["address", "address"]);
});

test("settings under /proc/sys are no port's", () => {
  const memory = new Map([["net/ipv6/conf/eth0/disable_ipv6", "0"]]);
  expect(renderRestoring(memory)).toEqual({ before: [], after: [] });
});

test("what has no room in a comment of nftables is told apart", () => {
  const long = "2001:db8:1111:2222:3333:4444:5555";
  const route = {
    ...unicast,
    dst: `${long}:0/112`,
    gateway: `${long}:6666`,
    protocol: "static",
    metric: 1024,
  };
  const { entries, tooLong } = rememberIpv6("eth0", [], [{ ...route, prefsrc: `${long}:7777` }]);
  expect([entries.size, tooLong]).toEqual([0, [`${long}:0/112 via ${long}:6666`]]);
});
