import { describe, expect, it, test } from "vitest";
import { type Ip4, ip4ToBytes } from "../../base/ip4.ts";
import { type Ip6, ip6ToBytes } from "../../base/ip6.ts";
import { eventOf, type Names } from "./events.ts";
import { linksRequest, messagesIn } from "./message.ts";
import { ifaddr, ifinfo, ndmsg, netlinkMessage, rtmsg, u32, zeroEnded } from "./netlink.fixture.ts";

const names: Names = {
  interface: (index) => ({ 2: "eth0", 3: "eth1", 7: "gw001122334451" })[index],
  group: (number) => (number === 0 ? "default" : String(number)),
};
const read = (bytes: Uint8Array) => messagesIn(bytes).map((message) => eventOf(message, names));
const v4 = (text: string): Uint8Array => ip4ToBytes(text as Ip4);
const v6 = (text: string): Uint8Array => ip6ToBytes(text as Ip6);
const mac = Uint8Array.of(2, 0, 0x5e, 0x10, 0, 1);
const [inet4, inet6] = [2, 10];
/** IFF_UP, IFF_BROADCAST, IFF_RUNNING, IFF_LOWER_UP */
const [up, broadcast, running, lowerUp] = [0x1, 0x2, 0x40, 0x10000];
const link = (flags: number, gone = false): Uint8Array =>
  netlinkMessage(gone ? 17 : 16, ifinfo(7, flags), [
    [3, zeroEnded("gw001122334451")],
    [4, u32(1500)],
    [27, u32(7171)],
  ]);
const told = { kind: "link", ifname: "gw001122334451", mtu: 1500, group: "7171" };

describe("links", () => {
  it.each([
    [
      "up, with a carrier",
      link(up | broadcast | running | lowerUp),
      { up: true, carrier: true, gone: false },
    ],
    ["up, no carrier", link(up | broadcast), { up: true, carrier: false, gone: false }],
    ["up, the other end down", link(up | broadcast | lowerUp), { up: true, carrier: false, gone: false }],
    ["down, with a cable", link(broadcast | lowerUp), { up: false, carrier: true, gone: false }],
    ["gone", link(up | running | lowerUp, true), { up: false, carrier: false, gone: true }],
  ])("%s", (_, bytes, state) => expect(read(bytes)).toEqual([{ ...told, ...state }]));
});

describe("addresses", () => {
  const address6 = (flags: number, type = 20): Uint8Array =>
    netlinkMessage(type, ifaddr(inet6, 64, 7, flags & 255), [
      [1, v6("2001:db8::5")],
      [8, u32(flags)],
    ]);
  const ip = "2001:db8::5";
  const told6 = {
    kind: "address",
    ifname: "gw001122334451",
    family: 6,
    ip,
    length: 64,
    made: true,
    gone: false,
  };
  it.each([
    ["usable, put by somebody", address6(0x80), { state: "usable", made: false }],
    ["usable, made from an advertisement", address6(0), { state: "usable" }],
    ["one that makes temporary ones", address6(0x180), { state: "usable" }],
    ["being checked", address6(0x40), { state: "tentative" }],
    ["optimistic", address6(0x44), { state: "usable" }],
    ["deprecated while checked", address6(0x60), { state: "deprecated" }],
    ["a duplicate that goes", address6(0x48, 21), { state: "duplicate", gone: true }],
    ["with a flag beyond eight bits", address6(0x340), { state: "tentative" }],
  ])("IPv6, %s", (_, bytes, state) => expect(read(bytes)).toEqual([{ ...told6, ...state }]));

  it("IPv4: the own one, not that of the other end", () => {
    const bytes = netlinkMessage(20, ifaddr(inet4, 24, 3), [
      [1, v4("10.1.0.2")],
      [2, v4("10.1.0.1")],
    ]);
    const event = {
      kind: "address",
      ifname: "eth1",
      family: 4,
      ip: "10.1.0.1",
      length: 24,
      made: false,
      gone: false,
      state: "usable",
    };
    expect(read(bytes)).toEqual([event]);
  });

  it("names an interface that is gone by its number", () => {
    const bytes = netlinkMessage(21, ifaddr(inet4, 24, 99), [[2, v4("10.1.0.1")]]);
    expect(read(bytes)).toMatchObject([{ ifname: "if99", gone: true }]);
  });
});

describe("routes", () => {
  const onIdentity = [4, u32(7)] as const;
  it.each([
    ["the kernel's", 24, rtmsg({ family: inet4, to: 24, protocol: 2 }), [[1, v4("10.1.0.0")]], undefined],
    [
      "ours, everywhere",
      24,
      rtmsg({ family: inet4, table: 252, protocol: 71 }),
      [[15, u32(1_000_005)]],
      "route 1000005 0.0.0.0/0",
    ],
    [
      "ours, to one host",
      24,
      rtmsg({ family: inet4, to: 32, table: 252, protocol: 71 }),
      [
        [1, v4("198.51.100.7")],
        [15, u32(1_000_002)],
      ],
      "route 1000002 198.51.100.7/32",
    ],
    [
      "ours, for one source",
      25,
      rtmsg({ family: inet6, from: 128, table: 252, protocol: 71 }),
      [
        [2, v6("2001:db8::5")],
        [15, u32(999_998)],
      ],
      "route6 999998 ::/0 2001:db8::5",
    ],
    [
      "ours, for a network of sources",
      24,
      rtmsg({ family: inet6, from: 64, table: 252, protocol: 71 }),
      [
        [2, v6("2001:db8::")],
        [15, u32(999_998)],
      ],
      "route6 999998 ::/0 2001:db8::/64",
    ],
    [
      "ours, in main",
      24,
      rtmsg({ family: inet6, to: 64, protocol: 71 }),
      [[1, v6("2001:db8::")]],
      "route6 main 2001:db8::/64 ",
    ],
  ] as const)("%s", (_, type, fixed, attributes, key) => {
    const bytes = netlinkMessage(type, fixed, [...attributes, onIdentity]);
    expect(read(bytes)).toEqual([{ kind: "route", ifname: "gw001122334451", key, gone: type === 25 }]);
  });

  it("by several ways has no one interface; what the kernel worked out for one packet is none", () => {
    const several = netlinkMessage(24, rtmsg({ family: inet4, protocol: 4 }), [[9, u32(0)]]);
    const clone = netlinkMessage(24, rtmsg({ family: inet6, to: 128, protocol: 9, flags: 0x200 }), [
      onIdentity,
    ]);
    expect(read(several)).toEqual([{ kind: "route", ifname: undefined, key: undefined, gone: false }]);
    expect(read(clone)).toEqual([undefined]);
  });
});

describe("neighbours", () => {
  it.each([
    ["heard", 28, 0x02, [[2, mac]], { state: "REACHABLE", mac: "02:00:5e:10:00:01" }],
    ["not answering", 28, 0x20, [], { state: "FAILED", mac: undefined }],
    ["of ours", 28, 0x80, [[2, mac]], { state: "PERMANENT" }],
    ["gone", 29, 0x04, [[2, mac]], { state: "DELETED", mac: "02:00:5e:10:00:01" }],
  ] as const)("%s", (_, type, state, attributes, event) => {
    const bytes = netlinkMessage(type, ndmsg(inet4, 3, state), [[1, v4("192.168.1.5")], ...attributes]);
    expect(read(bytes)).toMatchObject([{ kind: "neighbour", ip: "192.168.1.5", ifname: "eth1", ...event }]);
  });

  it("without a state tell nothing", () => {
    expect(read(netlinkMessage(28, ndmsg(inet4, 3, 0), [[1, v4("192.168.1.5")]]))).toEqual([undefined]);
  });
});

test("rules are told by their preference", () => {
  const rule = (type: number, attributes: readonly (readonly [number, Uint8Array])[]) =>
    read(netlinkMessage(type, rtmsg({ family: inet4, protocol: 0 }), attributes));
  expect(rule(32, [[6, u32(32765)]])).toEqual([{ kind: "rule", preference: 32765, gone: false }]);
  expect(rule(33, [])).toEqual([{ kind: "rule", preference: 0, gone: true }]);
});

test("settings: forwarding and the reverse path of all, of those to come, or of one interface", () => {
  const setting = (index: number, attribute: number, type = 80) =>
    read(
      netlinkMessage(type, Uint8Array.of(inet4), [
        [1, u32(index)],
        [attribute, u32(1)],
      ]),
    );
  expect(setting(-1, 2)).toEqual([{ kind: "setting", ifname: "all" }]);
  expect(setting(-2, 3)).toEqual([{ kind: "setting", ifname: "default" }]);
  expect(setting(2, 2)).toEqual([{ kind: "setting", ifname: "eth0" }]);
  // Multicast forwarding.
  expect(setting(2, 4)).toEqual([undefined]);
  expect(setting(2, 2, 81)).toEqual([undefined]);
});

describe("datagrams", () => {
  const two = Uint8Array.from([...link(up), ...netlinkMessage(3, u32(0), [])]);

  it("hold several messages, some of which tell nothing", () => {
    expect(read(two)).toEqual([expect.objectContaining(told), undefined]);
  });

  it("that are cut off, or full of zeros, do no harm", () => {
    for (let length = 0; length < two.length; length++) read(two.slice(0, length));
    // Cut inside, with a length that says so.
    for (let length = 16; length < link(up).length; length++) {
      const short = link(up).slice(0, length);
      short.set(u32(length));
      for (const type of [16, 20, 24, 28, 32, 80]) {
        short.set([type], 4);
        read(short);
      }
    }
    expect(read(new Uint8Array(64))).toEqual([]);
  });

  it("ask for all interfaces, without their counters", () => {
    const [message] = messagesIn(linksRequest());
    expect(message).toMatchObject({ type: 18, flags: 0x301 });
    expect(message?.body.byteLength).toBe(24);
  });
});
