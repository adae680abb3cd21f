import { describe, expect, it } from "vitest";
import { parseMonitorLine } from "./monitor-line.ts";

// Lines as iproute2 6.1 printed them.
describe("parseMonitorLine", () => {
  it.each([
    [
      "192.168.1.5 dev eth1 lladdr 02:00:5e:10:00:01 REACHABLE ",
      { kind: "neighbour", ip: "192.168.1.5", mac: "02:00:5e:10:00:01", state: "REACHABLE", ifname: "eth1" },
    ],
    [
      "10.1.0.9 dev va0 FAILED ",
      { kind: "neighbour", ip: "10.1.0.9", mac: undefined, state: "FAILED", ifname: "va0" },
    ],
    [
      "Deleted 10.1.0.7 dev va0 lladdr 02:00:5e:10:00:01 STALE ",
      { kind: "neighbour", ip: "10.1.0.7", mac: "02:00:5e:10:00:01", state: "DELETED", ifname: "va0" },
    ],
    [
      "fe80::1 dev eth0 lladdr 02:00:5e:10:00:02 router proto 71 PERMANENT ",
      { kind: "neighbour", ip: "fe80::1", mac: "02:00:5e:10:00:02", state: "PERMANENT", ifname: "eth0" },
    ],
    [
      "fe80::1 dev gw001122334451 lladdr 02:00:5e:10:00:02 PERMANENT proto 71 ",
      {
        kind: "neighbour",
        ip: "fe80::1",
        mac: "02:00:5e:10:00:02",
        state: "PERMANENT",
        ifname: "gw001122334451",
      },
    ],
    [
      "3: va0@vb0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default ",
      { kind: "link", ifname: "va0", up: true, carrier: true, gone: false, mtu: 1500, group: "default" },
    ],
    [
      "2: eth0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DOWN group default ",
      { kind: "link", ifname: "eth0", up: true, carrier: false, gone: false, mtu: 1500, group: "default" },
    ],
    [
      "2: vb0@va0: <NO-CARRIER,BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state LOWERLAYERDOWN group default ",
      { kind: "link", ifname: "vb0", up: true, carrier: false, gone: false, mtu: 1500, group: "default" },
    ],
    [
      "Deleted 4: gw020000000001@va0: <BROADCAST,MULTICAST,M-DOWN> mtu 1500 qdisc noop state DOWN group default ",
      {
        kind: "link",
        ifname: "gw020000000001",
        up: false,
        carrier: false,
        gone: true,
        mtu: 1500,
        group: "default",
      },
    ],
    [
      "3: va0    inet 10.1.0.1/24 scope global va0",
      { kind: "address", ifname: "va0", family: 4, ip: "10.1.0.1", gone: false, state: "usable" },
    ],
    [
      "Deleted 2: vb0    inet6 fe80::c4c5:acff:fe7d:de3f/64 scope link tentative ",
      {
        kind: "address",
        ifname: "vb0",
        family: 6,
        ip: "fe80::c4c5:acff:fe7d:de3f",
        gone: true,
        state: "tentative",
      },
    ],
    [
      "Deleted 4: gw001122334452    inet6 2001:db8:1:0:211:22ff:fe33:4452/64 scope global optimistic dadfailed tentative dynamic mngtmpaddr ",
      {
        kind: "address",
        ifname: "gw001122334452",
        family: 6,
        ip: "2001:db8:1:0:211:22ff:fe33:4452",
        gone: true,
        state: "duplicate",
      },
    ],
    [
      "3: gw001122334451    inet6 2001:db8:1:0:211:22ff:fe33:4451/64 scope global optimistic tentative dynamic mngtmpaddr ",
      {
        kind: "address",
        ifname: "gw001122334451",
        family: 6,
        ip: "2001:db8:1:0:211:22ff:fe33:4451",
        gone: false,
        state: "usable",
      },
    ],
    [
      "3: gw001122334451    inet6 2001:db8:1::78/128 scope global deprecated tentative noprefixroute ",
      {
        kind: "address",
        ifname: "gw001122334451",
        family: 6,
        ip: "2001:db8:1::78",
        gone: false,
        state: "deprecated",
      },
    ],
    ["32765:\tfrom 10.9.0.0/16 lookup 77", { kind: "rule", preference: 32765, gone: false }],
    ["Deleted 10001:\tnot from all iif eth1 goto 32700", { kind: "rule", preference: 10001, gone: true }],
    [
      "10.1.0.0/24 dev va0 proto kernel scope link src 10.1.0.1 ",
      { kind: "route", ifname: "va0", key: undefined, gone: false },
    ],
    [
      "Deleted multicast ff00::/8 dev vb0 table local proto kernel metric 256 pref medium",
      { kind: "route", ifname: "vb0", key: undefined, gone: true },
    ],
    [
      "default via 192.0.2.1 dev eth0 table 1000005 proto 71 src 192.0.2.10 onlink ",
      { kind: "route", ifname: "eth0", key: "route 1000005 0.0.0.0/0", gone: false },
    ],
    [
      "198.51.100.7 dev gw001122334451 table 1000002 proto 71 scope link src 192.0.2.10 ",
      { kind: "route", ifname: "gw001122334451", key: "route 1000002 198.51.100.7/32", gone: false },
    ],
    [
      "Deleted default from 2001:db8::5 via fe80::1 dev gw001122334451 table 999998 proto 71 metric 1024 pref medium",
      { kind: "route", ifname: "gw001122334451", key: "route6 999998 ::/0 2001:db8::5", gone: true },
    ],
    [
      "2001:db8::/64 dev gw001122334451 table 999999 proto 71 src 2001:db8::5 metric 1024 pref medium",
      { kind: "route", ifname: "gw001122334451", key: "route6 999999 2001:db8::/64 ", gone: false },
    ],
    ["netlink receive error No buffer space available (105)", { kind: "resync" }],
    ["    link/ether ce:c8:a6:d4:43:87 brd ff:ff:ff:ff:ff:ff", undefined],
    ["       valid_lft forever preferred_lft forever", undefined],
    ["miss 192.168.1.5 dev eth1 INCOMPLETE", undefined],
    ["", undefined],
    ["Dump terminated", undefined],
  ])("%s", (line, event) => expect(parseMonitorLine(line)).toEqual(event));
});
