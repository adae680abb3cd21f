import { env } from "node:process";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteWriter } from "../../base/bytes.ts";
import { networkOf6 } from "../../base/cidr6.ts";
import { allNodes, type Ip6, ip6FromBytes, isMulticastIp6, linkLocalOf } from "../../base/ip6.ts";
import { macFromBytes, parseMac } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { forever, millis, seconds } from "../../base/time.ts";
import { emitEthernet } from "../ethernet.ts";
import { emitIcmpv6 } from "../icmpv6.ts";
import { emitIpv6 } from "../ipv6.ts";
import { emitNdFrame } from "./emit.ts";
import type { NdFrame, NeighbourAdvert, NeighbourSolicit, RouterAdvert, RouterSolicit } from "./message.ts";
import { parseNdFrame } from "./parse.ts";

/** Packets generated in one run of this file; PROPERTY_RUNS may only raise it. */
const packets = Math.max(100_000, Number(env.PROPERTY_RUNS ?? 0));
const shares = { random: 0.2, bodies: 0.3, mutated: 0.25, roundTrip: 0.25 };
let generated = 0;

/** Checks `holds` for a share of all packets; throws with seed and smallest counterexample. */
function property<T>(
  share: keyof typeof shares,
  arbitrary: fc.Arbitrary<T>,
  holds: (value: T) => void,
): void {
  const before = generated;
  const numRuns = Math.ceil(packets * shares[share]);
  const counted = fc.property(arbitrary, (value) => {
    generated++;
    holds(value);
  });
  fc.assert(counted, { numRuns });
  expect(generated - before).toBe(numRuns);
}
/** As toStrictEqual, but quick where it holds. */
function same(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
}

const timeout = 60_000 * Math.ceil(packets / 100_000);

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const few = <T>(one: fc.Arbitrary<T>, minLength = 0) => fc.array(one, { minLength, maxLength: 3 });
const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T>(fields, { noNullPrototype: true });

const mac = fc.tuple(u16, u32).map(([high, low]) => {
  const octets = new ByteWriter().u16(high & 0xfeff).u32(low);
  return macFromBytes(octets.done());
});
/** Half of them with many zeros, which their text leaves out. */
const ip6 = fc
  .tuple(bytes(16, 16), u16)
  .map(([octets, mask]) => ip6FromBytes(octets.map((octet, at) => (((mask >> at) & 1) === 0 ? octet : 0))));
const unicast = ip6.filter((ip) => !isMulticastIp6(ip));
const linkLocal = mac.map(linkLocalOf);
const prefixOf = (length: fc.Arbitrary<number>) =>
  fc.tuple(ip6, length).map(([address, bits]) => networkOf6(address, bits));
const prefix = prefixOf(fc.nat(128));
const lifetime = fc.oneof(fc.nat(0xfffffffe).map(seconds), fc.constant(forever));
const preference = fc.constantFrom("high" as const, "medium" as const, "low" as const);
const label = fc.stringMatching(/^[a-z0-9_-]{1,12}$/);
const domain = few(label, 1).map((labels) => labels.join("."));

const fixed = {
  kind: fc.constant("router-advert" as const),
  hopLimit: u8,
  managed: fc.boolean(),
  otherConfig: fc.boolean(),
  preference,
  routerLifetime: u16.map(seconds),
  reachableTime: u32.map(millis),
  retransTimer: u32.map(millis),
  prefixes: few(
    record({
      prefix,
      onLink: fc.boolean(),
      autonomous: fc.boolean(),
      validLifetime: lifetime,
      preferredLifetime: lifetime,
    }),
  ),
  routes: few(record({ prefix, preference, lifetime })),
  rdnss: few(record({ lifetime, servers: few(ip6, 1) })),
  dnssl: few(record({ lifetime, domains: few(domain, 1) })),
  pref64: few(
    record({
      lifetime: fc.nat(0x1fff).map((units) => seconds(units * 8)),
      prefix: prefixOf(fc.constantFrom(96, 64, 56, 48, 40, 32)),
    }),
  ),
};
const optional = { sourceMac: mac, mtu: fc.integer({ min: 1280, max: 0xffffffff }) };
const requiredKeys = Object.keys(fixed) as (keyof typeof fixed)[];

const advert: fc.Arbitrary<RouterAdvert> = fc
  .record({ ...fixed, ...optional }, { requiredKeys, noNullPrototype: true })
  // Without a lifetime there is nothing to prefer.
  .map((a) => (a.routerLifetime === 0 ? { ...a, preference: "medium" as const } : a));
const routerSolicit: fc.Arbitrary<RouterSolicit> = fc.record(
  { kind: fc.constant("router-solicit" as const), sourceMac: mac },
  { requiredKeys: ["kind"], noNullPrototype: true },
);
const solicit: fc.Arbitrary<NeighbourSolicit> = fc.record(
  { kind: fc.constant("neighbour-solicit" as const), target: unicast, sourceMac: mac },
  { requiredKeys: ["kind", "target"], noNullPrototype: true },
);
const neighbourAdvert: fc.Arbitrary<NeighbourAdvert> = fc.record(
  {
    kind: fc.constant("neighbour-advert" as const),
    target: unicast,
    router: fc.boolean(),
    solicited: fc.constant(false),
    override: fc.boolean(),
    targetMac: mac,
  },
  { requiredKeys: ["kind", "target", "router", "solicited", "override"], noNullPrototype: true },
);
const message = fc.oneof({ weight: 4, arbitrary: advert }, routerSolicit, solicit, neighbourAdvert);
const frame: fc.Arbitrary<NdFrame> = record({
  sourceMac: mac,
  destinationMac: mac,
  source: linkLocal,
  destination: fc.oneof(fc.constant(allNodes), unicast),
  message,
});

/** What holds of any parse: it returned, and what came out goes in again and comes out the same. */
function survives(packet: Uint8Array): boolean {
  const parsed = parseNdFrame(packet);
  if (!parsed.ok) {
    same(/^(Ethernet|IPv6|ICMPv6|ND): /.test(parsed.error), true);
    return false;
  }
  same(must(parseNdFrame(emitNdFrame(parsed.value))), parsed.value);
  return true;
}

test("any bytes are parsed without throwing", { timeout }, () => {
  const headed = bytes(0, 200).map((rest) =>
    new ByteWriter().zeros(12).u16(0x86dd).u8(0x60).raw(rest).done(),
  );
  property("random", fc.oneof(bytes(0, 200), headed), survives);
});

const someMac = must(parseMac("02:00:00:00:00:01"));

/** A frame whose checksum is right, so that its body is what gets read. */
function withBody(type: number, body: Uint8Array, source: Ip6, destination: Ip6): Uint8Array {
  const hosts = { source, destination };
  const payload = emitIcmpv6({ type, code: 0, body }, hosts);
  const packet = emitIpv6({ ...hosts, nextHeader: 58, hopLimit: 255, payload });
  return emitEthernet({ source: someMac, destination: someMac, etherType: 0x86dd, payload: packet });
}

const heads: Readonly<Record<number, number>> = { 133: 4, 134: 12, 135: 20, 136: 20 };
/** Options of which most have a length that fits. */
const optionList = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom(1, 2, 3, 5, 24, 25, 31, 38), u8), fc.nat(5), bytes(38, 38)), {
    maxLength: 6,
  })
  .map((options) =>
    options.flatMap(([type, units, content]) => [
      type,
      units,
      ...content.subarray(0, Math.max(0, units * 8 - 2)),
    ]),
  );

test("any body with a right checksum is parsed without throwing", { timeout }, () => {
  let accepted = 0;
  const type = fc.constantFrom(133, 134, 135, 136);
  property("bodies", fc.tuple(type, bytes(20, 20), optionList, linkLocal), ([kind, head, list, source]) => {
    const body = Uint8Array.from([...head.subarray(0, heads[kind]), ...list]);
    if (survives(withBody(kind, body, source, allNodes))) accepted++;
  });
  // Options of length 0 spoil many; the others come through to the options' own complaints.
  expect(accepted).toBeGreaterThan(packets * shares.bodies * 0.3);
});

/** Where and how a body is hurt; positions are taken modulo what is there. */
const mutation = fc.tuple(fc.nat(2), u16, u8);

function mutate(body: Uint8Array, [kind, at, byte]: readonly [number, number, number]): Uint8Array {
  const place = at % (body.length + 1);
  if (kind === 0) return Uint8Array.from([...body.subarray(0, place), byte, ...body.subarray(place + 1)]);
  // Whole units go, so that much of the rest still makes sense: all heads are 4 more than a multiple of 8.
  const start = (place & ~7) + 4;
  const end = kind === 1 ? start + 8 : body.length;
  return Uint8Array.from([...body.subarray(0, start), ...body.subarray(end)]);
}

test("a valid packet with a few things broken is parsed without throwing", { timeout }, () => {
  let accepted = 0;
  property("mutated", fc.tuple(frame, few(mutation, 1)), ([whole, mutations]) => {
    const sent = emitNdFrame(whole);
    const body = mutations.reduce(mutate, sent.slice(58));
    if (survives(withBody(sent[54] ?? 0, body, whole.source, whole.destination))) accepted++;
  });
  expect(accepted).toBeGreaterThan(packets * shares.mutated * 0.3);
});

test("what is emitted is parsed to the same frame, with padding behind it too", { timeout }, () => {
  property("roundTrip", fc.tuple(frame, bytes(0, 20), u16), ([sent, padding, at]) => {
    const packet = emitNdFrame(sent);
    same(parseNdFrame(Uint8Array.from([...packet, ...padding])), { ok: true, value: sent });
    same(parseNdFrame(packet.subarray(0, at % packet.length)).ok, false);
  });
});

test(`${packets} packets were generated`, () => {
  expect(generated).toBeGreaterThanOrEqual(packets);
});
