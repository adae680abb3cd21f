import { expect, test } from "vitest";
import { parseCidr6 } from "../../base/cidr6.ts";
import {
  allNodes,
  allRouters,
  anyIp6,
  type Ip6,
  linkLocalOf,
  parseIp6,
  solicitedNode,
} from "../../base/ip6.ts";
import { parseMac } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { millis, seconds } from "../../base/time.ts";
import { emitEthernet } from "../ethernet.ts";
import { emitIcmpv6 } from "../icmpv6.ts";
import { emitIpv6 } from "../ipv6.ts";
import { emitNdFrame } from "./emit.ts";
import type { NdMessage } from "./message.ts";
import { parseNdFrame } from "./parse.ts";

const mac = must(parseMac("02:00:00:00:00:0a"));
const group = must(parseMac("33:33:00:00:00:01"));
const router = linkLocalOf(mac);
const target = must(parseIp6("2001:db8::aa"));
const ethernet = { sourceMac: mac, destinationMac: group };
const zeros = (n: number): number[] => new Array<number>(n).fill(0);

interface Raw {
  readonly type: number;
  readonly code?: number;
  readonly hopLimit?: number;
  readonly nextHeader?: number;
  readonly source?: Ip6;
  readonly destination?: Ip6;
  readonly body: readonly number[];
}

/** A frame with a right checksum, whatever else is wrong. */
function raw(given: Raw): Uint8Array {
  const { type, code = 0, hopLimit = 255, nextHeader = 58, source = router, destination = allNodes } = given;
  const hosts = { source, destination };
  const payload = emitIcmpv6({ type, code, body: Uint8Array.from(given.body) }, hosts);
  const packet = emitIpv6({ ...hosts, nextHeader, hopLimit, payload });
  return emitEthernet({ source: mac, destination: group, etherType: 0x86dd, payload: packet });
}

/** Hop limit 64, M and O, high preference, 1800 s, 30 s, 1 s. */
const advertHead = [64, 0xc8, 0x07, 0x08, 0, 0, 0x75, 0x30, 0, 0, 0x03, 0xe8];
const bareAdvert = {
  kind: "router-advert",
  hopLimit: 64,
  managed: true,
  otherConfig: true,
  preference: "high",
  routerLifetime: seconds(1800),
  reachableTime: millis(30_000),
  retransTimer: millis(1000),
  prefixes: [],
  routes: [],
  rdnss: [],
  dnssl: [],
  pref64: [],
} as const;

const messageOf = (frame: Uint8Array): NdMessage => must(parseNdFrame(frame)).message;

test("a router advertisement without options", () => {
  expect(parseNdFrame(raw({ type: 134, body: advertHead }))).toStrictEqual({
    ok: true,
    value: { ...ethernet, source: router, destination: allNodes, message: bareAdvert },
  });
});

test.each([
  ["no flags", { 1: 0 }, { managed: false, otherConfig: false, preference: "medium" }],
  ["M alone", { 1: 0x80 }, { managed: true, otherConfig: false, preference: "medium" }],
  ["O alone", { 1: 0x40 }, { managed: false, otherConfig: true, preference: "medium" }],
  ["low preference", { 1: 0x18 }, { managed: false, otherConfig: false, preference: "low" }],
  ["the reserved preference", { 1: 0x10 }, { managed: false, otherConfig: false, preference: "medium" }],
  ["no default router", { 2: 0, 3: 0 }, { preference: "medium", routerLifetime: seconds(0) }],
])("a router advertisement: %s", (_, changes, expected) => {
  const body = advertHead.map((byte, at) => (changes as Record<number, number>)[at] ?? byte);
  expect(messageOf(raw({ type: 134, body }))).toStrictEqual({ ...bareAdvert, ...expected });
});

test("each option of a router advertisement, and what makes no sense left out", () => {
  const prefix = [0x20, 0x01, 0x0d, 0xb8, ...zeros(12)];
  const lifetime = [0, 0, 0x02, 0x58];
  const body = [
    ...advertHead,
    ...[14, 1, ...zeros(6)],
    ...[1, 1, 2, 0, 0, 0, 0, 10],
    ...[1, 1, 2, 0, 0, 0, 0, 11],
    ...[5, 1, 0, 0, 0, 0, 0x03, 0xe8],
    ...[5, 1, 0, 0, 0, 0, 0x05, 0x78],
    ...[3, 4, 64, 0xc0, ...lifetime, ...lifetime, ...zeros(4), ...prefix],
    ...[3, 4, 129, 0xc0, ...lifetime, ...lifetime, ...zeros(4), ...prefix],
    ...[24, 1, 0, 0, ...lifetime],
    ...[25, 3, 0, 0, ...lifetime, ...prefix.slice(0, 15), 0x53],
    ...[25, 1, 0, 0, ...lifetime],
    ...[31, 2, 0, 0, ...lifetime, 3, 108, 97, 110, 0, 0, 0, 0],
    ...[38, 2, 0x02, 0x58, 0, 0x64, 0xff, 0x9b, ...zeros(8)],
  ];
  const span = seconds(600);
  const net = must(parseCidr6("2001:db8::/64"));
  expect(messageOf(raw({ type: 134, body }))).toStrictEqual({
    ...bareAdvert,
    sourceMac: mac,
    mtu: 1400,
    prefixes: [{ prefix: net, onLink: true, autonomous: true, validLifetime: span, preferredLifetime: span }],
    routes: [{ prefix: must(parseCidr6("::/0")), preference: "medium", lifetime: span }],
    rdnss: [{ lifetime: span, servers: ["2001:db8::53"] }],
    dnssl: [{ lifetime: span, domains: ["lan"] }],
    pref64: [{ lifetime: span, prefix: must(parseCidr6("64:ff9b::/96")) }],
  });
});

const targetBytes = [0x20, 0x01, 0x0d, 0xb8, ...zeros(11), 0xaa];
const sourceOption = [1, 1, 2, 0, 0, 0, 0, 10];
const targetOption = [2, 1, 2, 0, 0, 0, 0, 10];

test.each<[string, Raw, NdMessage]>([
  ["a router solicitation", { type: 133, body: zeros(4) }, { kind: "router-solicit" }],
  [
    "a router solicitation with its sender",
    { type: 133, destination: allRouters, body: [...zeros(4), ...sourceOption] },
    { kind: "router-solicit", sourceMac: mac },
  ],
  [
    "a router solicitation from ::",
    { type: 133, source: anyIp6, body: [...zeros(4), ...targetOption] },
    { kind: "router-solicit" },
  ],
  [
    "a neighbour solicitation",
    { type: 135, body: [...zeros(4), ...targetBytes, ...sourceOption] },
    { kind: "neighbour-solicit", target, sourceMac: mac },
  ],
  [
    "a probe for an address, with a nonce (RFC 7527)",
    {
      type: 135,
      source: anyIp6,
      destination: solicitedNode(target),
      body: [...zeros(4), ...targetBytes, 14, 1, ...zeros(6)],
    },
    { kind: "neighbour-solicit", target },
  ],
  [
    "a neighbour advertisement",
    { type: 136, destination: router, body: [0xe0, 0, 0, 0, ...targetBytes, ...targetOption] },
    { kind: "neighbour-advert", target, router: true, solicited: true, override: true, targetMac: mac },
  ],
  [
    "a neighbour advertisement to all",
    { type: 136, body: [0x20, 0, 0, 0, ...targetBytes] },
    { kind: "neighbour-advert", target, router: false, solicited: false, override: true },
  ],
])("%s", (_, given, message) => {
  expect(messageOf(raw(given))).toStrictEqual(message);
});

const solicit = [...zeros(4), ...targetBytes];
const groupTarget = [0xff, 2, ...zeros(13), 1];

test.each<[string, Raw, string]>([
  ["UDP", { type: 134, nextHeader: 17, body: advertHead }, "IPv6: header 17 is not ICMPv6"],
  ["an echo request", { type: 128, body: zeros(4) }, "ICMPv6: type 128 is not of neighbour discovery"],
  ["a redirect", { type: 137, body: zeros(36) }, "ICMPv6: type 137 is not of neighbour discovery"],
  ["a hop limit of 254", { type: 134, hopLimit: 254, body: advertHead }, "ND: hop limit 254 is not 255"],
  ["code 1", { type: 134, code: 1, body: advertHead }, "ND: code 1"],
  [
    "a short advertisement",
    { type: 134, body: advertHead.slice(0, 11) },
    "ND: ends after 11 bytes, 12 needed",
  ],
  ["a short solicitation", { type: 135, body: solicit.slice(0, 19) }, "ND: ends after 19 bytes, 20 needed"],
  [
    "an option of length 0",
    { type: 134, body: [...advertHead, 1, 0, 2, 0, 0, 0, 0, 10] },
    "ND: option 1 has the length 0",
  ],
  [
    "an option cut short",
    { type: 134, body: [...advertHead, 5, 2, ...zeros(6)] },
    "ND: option 5 is cut short",
  ],
  [
    "a router that is not link-local",
    { type: 134, source: target, body: advertHead },
    "ND: a router at 2001:db8::aa, which is not link-local",
  ],
  [
    "a nameless host that tells its MAC to routers",
    { type: 133, source: anyIp6, body: [...zeros(4), ...sourceOption] },
    "ND: comes from :: and yet from 02:00:00:00:00:0a",
  ],
  [
    "a probe that tells its MAC",
    {
      type: 135,
      source: anyIp6,
      destination: solicitedNode(target),
      body: [...solicit, ...sourceOption],
    },
    "ND: comes from :: and yet from 02:00:00:00:00:0a",
  ],
  [
    "a probe to all",
    { type: 135, source: anyIp6, body: solicit },
    "ND: a probe for an address, sent to ff02::1",
  ],
  [
    "a solicitation for a group",
    { type: 135, body: [...zeros(4), ...groupTarget] },
    "ND: asks for the group ff02::1",
  ],
  [
    "an advertisement of a group",
    { type: 136, body: [0x20, 0, 0, 0, ...groupTarget] },
    "ND: advertises the group ff02::1",
  ],
  [
    "an answer to all",
    { type: 136, body: [0x60, 0, 0, 0, ...targetBytes] },
    "ND: an answer to one, sent to ff02::1",
  ],
])("%s is an error", (_, given, error) => {
  expect(parseNdFrame(raw(given))).toStrictEqual({ ok: false, error });
});

test("another EtherType is an error", () => {
  const frame = raw({ type: 134, body: advertHead });
  frame.set([0x08, 0x00], 12);
  expect(parseNdFrame(frame)).toStrictEqual({ ok: false, error: "Ethernet: type 0x800 is not IPv6" });
});

test("a wrong checksum is an error, one left to the NIC is not", () => {
  const frame = raw({ type: 134, body: advertHead });
  const at = 14 + 40 + 2;
  frame[at] = (frame[at] ?? 0) ^ 1;
  expect(parseNdFrame(frame)).toStrictEqual({ ok: false, error: "ICMPv6: wrong checksum" });
  frame.set(partial(frame), at);
  expect(messageOf(frame)).toStrictEqual(bareAdvert);
});

/** The folded sum of the pseudo-header, done by hand. */
function partial(frame: Uint8Array): [number, number] {
  let sum = 58 + frame.length - 54;
  for (let at = 22; at < 54; at += 2) sum += ((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum >>> 16) + (sum & 0xffff);
  return [sum >>> 8, sum & 0xff];
}

test("the result shares no memory with the frame", () => {
  const frame = raw({ type: 134, body: [...advertHead, ...sourceOption] });
  const parsed = parseNdFrame(frame);
  const copy = structuredClone(parsed);
  frame.fill(0xff);
  expect(parsed).toStrictEqual(copy);
});

test("bytes of a neighbour advertisement on the wire", () => {
  const frame = emitNdFrame({
    ...ethernet,
    source: target,
    destination: allNodes,
    message: {
      kind: "neighbour-advert",
      target,
      router: false,
      solicited: false,
      override: true,
      targetMac: mac,
    },
  });
  expect([...frame.subarray(0, 22)]).toEqual([
    ...[0x33, 0x33, 0, 0, 0, 1, 2, 0, 0, 0, 0, 10, 0x86, 0xdd],
    ...[0x60, 0, 0, 0, 0, 32, 58, 255],
  ]);
  expect([...frame.subarray(54, 56), ...frame.subarray(58)]).toEqual([
    ...[136, 0, 0x20, 0, 0, 0],
    ...targetBytes,
    ...targetOption,
  ]);
});
