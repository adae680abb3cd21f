import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteWriter } from "../base/bytes.ts";
import { ip4FromNumber } from "../base/ip4.ts";
import { ip6FromBytes } from "../base/ip6.ts";
import { macFromBytes } from "../base/mac.ts";
import type { Parsed } from "../base/parsed.ts";
import { type Arp, emitArp, emitArpFrame, parseArp, parseArpFrame } from "./arp.ts";
import type { Between } from "./checksum.ts";
import { emitEthernet, parseEthernet } from "./ethernet.ts";
import { emitIpv4, parseIpv4 } from "./ipv4.ts";
import { emitIpv6, type Ipv6, parseIpv6 } from "./ipv6.ts";
import { emitUdp, parseUdp, type Udp } from "./udp.ts";

const runsEach = 5_000;

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const ip = u32.map(ip4FromNumber);
const mac = fc.tuple(u16, u32).map(([high, low]) => macFromBytes(new ByteWriter().u16(high).u32(low).done()));
const payload = fc.uint8Array({ maxLength: 100 });
const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T>(fields, { noNullPrototype: true });

const ethernet = record({
  destination: mac,
  source: mac,
  etherType: fc.integer({ min: 0x600, max: 0xffff }),
  payload,
});
const arp: fc.Arbitrary<Arp> = record({
  operation: fc.constantFrom("request" as const, "reply" as const),
  senderMac: mac,
  senderIp: ip,
  targetMac: mac,
  targetIp: ip,
});
const ipv4 = record({ source: ip, destination: ip, protocol: u8, ttl: u8, payload });
const ip6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => ip6FromBytes(bytes));
/** Next headers that a parser does not skip or refuse. */
const nextHeader = u8.filter((n) => ![0, 44, 60].includes(n));
const ipv6: fc.Arbitrary<Ipv6> = record({ source: ip6, destination: ip6, nextHeader, hopLimit: u8, payload });
const ip4Pair = record({ source: ip, destination: ip });
const ip6Pair = record({ source: ip6, destination: ip6 });
const addresses: fc.Arbitrary<Between> = fc.oneof(ip4Pair, ip6Pair);
const udp: fc.Arbitrary<Udp> = record({ sourcePort: u16, destinationPort: u16, payload });

/**
 * What every codec owes: what it emits is parsed to the same value, also with bytes behind it where `padded`;
 * a packet cut short, changed in one byte or made of chance is parsed without throwing.
 */
function keepsItsPromises<T>(
  values: fc.Arbitrary<T>,
  emit: (value: T) => Uint8Array,
  parse: (bytes: Uint8Array) => Parsed<T>,
  padded: boolean,
): void {
  let runs = 0;
  const inputs = fc.tuple(values, u16, u8, fc.uint8Array({ maxLength: 100 }));
  const property = fc.property(inputs, ([value, at, byte, chance]) => {
    runs++;
    const bytes = emit(value);
    expect(parse(bytes)).toStrictEqual({ ok: true, value });
    const longer = new ByteWriter().raw(bytes).raw(chance).done();
    if (padded) expect(parse(longer)).toStrictEqual({ ok: true, value });
    parse(bytes.subarray(0, at % bytes.length));
    bytes[at % bytes.length] = byte;
    parse(bytes);
    parse(chance);
  });
  fc.assert(property, { numRuns: runsEach });
  expect(runs).toBe(runsEach);
}

test("Ethernet keeps its promises", () => keepsItsPromises(ethernet, emitEthernet, parseEthernet, false));
test("ARP keeps its promises", () => keepsItsPromises(arp, emitArp, parseArp, true));
test("IPv4 keeps its promises", () => keepsItsPromises(ipv4, emitIpv4, parseIpv4, true));
test("IPv6 keeps its promises", () => keepsItsPromises(ipv6, emitIpv6, parseIpv6, true));

test("ARP in a frame keeps its promises", () => {
  const frame = record({ arp, source: mac, destination: mac });
  keepsItsPromises(frame, (f) => emitArpFrame(f.arp, f.destination, f.source), parseArpFrame, true);
});

test("UDP keeps its promises, between any two hosts", () => {
  const some = { numRuns: 2, seed: 1 };
  const between: Between[] = [...fc.sample(ip4Pair, some), ...fc.sample(ip6Pair, some)];
  expect(between).toHaveLength(4);
  for (const hosts of between) {
    keepsItsPromises(
      udp,
      (datagram) => emitUdp(datagram, hosts),
      (bytes) => parseUdp(bytes, hosts),
      true,
    );
  }
});

test("a UDP datagram with one byte changed is an error, but for the checksum's blind spots", () => {
  let caught = 0;
  const inputs = fc.tuple(udp, addresses, u16, fc.integer({ min: 1, max: 0xff }));
  const property = fc.property(inputs, ([datagram, hosts, at, flip]) => {
    const bytes = emitUdp(datagram, hosts);
    const offset = at % bytes.length;
    bytes[offset] = (bytes[offset] ?? 0) ^ flip;
    if (!parseUdp(bytes, hosts).ok) caught++;
    // A change of one byte escapes only where it makes the checksum field 0 or the unfinished sum.
    else expect([6, 7]).toContain(offset);
  });
  fc.assert(property, { numRuns: runsEach });
  expect(caught).toBeGreaterThan(runsEach * 0.99);
});
