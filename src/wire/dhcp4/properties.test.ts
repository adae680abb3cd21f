import { env } from "node:process";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteWriter } from "../../base/bytes.ts";
import { type Cidr4, networkOf } from "../../base/cidr4.ts";
import { ip4FromNumber } from "../../base/ip4.ts";
import { macFromBytes } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { rawMessage } from "../dhcp4-options/read-option.fixture.ts";
import { optionTable } from "../dhcp4-options/table.ts";
import { emitDhcp4 } from "./emit.ts";
import { type Dhcp4Frame, emitDhcp4Frame, parseDhcp4Frame } from "./frame.ts";
import {
  type Dhcp4Message,
  type Dhcp4Options,
  type MessageType,
  messageTypes,
  type Route4,
} from "./message.ts";
import { appendOption, collectOptions } from "./option-list.ts";
import { parseDhcp4 } from "./parse.ts";

/** Packets generated in one run of this file; PROPERTY_RUNS may only raise it. */
const packets = Math.max(100_000, Number(env.PROPERTY_RUNS ?? 0));
const shares = { random: 0.2, options: 0.2, mutated: 0.3, roundTrip: 0.15, overloaded: 0.1, frames: 0.05 };
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
const ip = u32.map(ip4FromNumber);
const mac = fc.tuple(u16, u32).map(([high, low]) => {
  const bytes = new ByteWriter().u16(high).u32(low).done();
  return macFromBytes(bytes);
});
const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const list = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 4 });
const text = bytes(1, 300)
  .map((chosen) => String.fromCharCode(...chosen).replace(/\0+$/, ""))
  .filter((value) => value !== "");
const label = fc.stringMatching(/^[a-z0-9_-]{1,12}$/);
const domain = fc.oneof(
  fc.constant("."),
  list(label).map((labels) => labels.join(".")),
);
const routeTo = (destination: fc.Arbitrary<Cidr4>): fc.Arbitrary<Route4> =>
  fc.record({ destination, router: ip }, { noNullPrototype: true });
const route = routeTo(fc.tuple(ip, fc.nat(32)).map(([address, length]) => networkOf(address, length)));
const hostRoute = routeTo(fc.nat(0xfffffffe).map((n) => networkOf(ip4FromNumber(n + 1), 32)));

/** All options but 52, which the emitter does not choose by itself. */
const options: fc.Arbitrary<Dhcp4Options> = fc.record(
  {
    subnetMask: ip,
    routers: list(ip),
    dnsServers: list(ip),
    hostName: text,
    domainName: text,
    interfaceMtu: fc.integer({ min: 68, max: 0xffff }),
    broadcastAddress: ip,
    staticRoutes: list(hostRoute),
    ntpServers: list(ip),
    vendorSpecific: bytes(1, 600),
    requestedAddress: ip,
    leaseTime: u32,
    messageType: fc.constantFrom(...(Object.keys(messageTypes) as MessageType[])),
    serverId: ip,
    parameterList: fc.array(u8, { minLength: 1, maxLength: 20 }),
    message: text,
    maxMessageSize: fc.integer({ min: 576, max: 0xffff }),
    renewalTime: u32,
    rebindingTime: u32,
    vendorClass: bytes(1, 40),
    clientId: bytes(2, 40),
    v6OnlyPreferred: u32,
    domainSearch: list(domain),
    classlessRoutes: list(route),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const typedCodes = new Set(Object.values(optionTable).map(({ code }) => code));
const unknownCode = fc.integer({ min: 1, max: 254 }).filter((code) => !typedCodes.has(code));
const fieldOf = (size: number) =>
  fc.tuple(fc.nat(size - 1), fc.integer({ min: 1, max: 255 })).map(([at, byte]) => {
    const field = new Uint8Array(size);
    field[at] = byte;
    return field;
  });

const message: fc.Arbitrary<Dhcp4Message> = fc.record(
  {
    op: fc.constantFrom("request" as const, "reply" as const),
    hops: u8,
    xid: u32,
    secs: u16,
    broadcast: fc.boolean(),
    ciaddr: ip,
    yiaddr: ip,
    siaddr: ip,
    giaddr: ip,
    chaddr: mac,
    file: fieldOf(128),
    sname: fieldOf(64),
    options,
    unknown: fc.array(fc.tuple(unknownCode, bytes(0, 300)), { maxLength: 2 }).map((pairs) => new Map(pairs)),
    malformed: fc.constant([]),
  },
  {
    noNullPrototype: true,
    requiredKeys: [
      "op",
      "hops",
      "xid",
      "secs",
      "broadcast",
      "ciaddr",
      "yiaddr",
      "siaddr",
      "giaddr",
      "chaddr",
      "options",
      "unknown",
      "malformed",
    ],
  },
);

/** What holds of any parse: it returned, and a message that came out goes in again and comes out the same. */
function survives(packet: Uint8Array): void {
  const parsed = parseDhcp4(packet);
  if (!parsed.ok) {
    same(parsed.error.startsWith("DHCP: "), true);
    return;
  }
  const { malformed: _, ...sent } = parsed.value;
  const { malformed, ...again } = must(parseDhcp4(emitDhcp4(parsed.value)));
  same(malformed, []);
  same(again, sent);
}

test("any bytes are parsed without throwing", { timeout }, () => {
  property("random", bytes(0, 400), survives);
});

test("any bytes after the magic cookie are parsed without throwing", { timeout }, () => {
  const knownCode = fc.constantFrom(...typedCodes);
  const option = fc.tuple(fc.oneof(knownCode, u8), fc.oneof(fc.nat(9), u8), bytes(0, 12));
  const area = fc.array(option, { maxLength: 12 });
  const laidOut = area.map((parts) => parts.flatMap(([code, length, content]) => [code, length, ...content]));
  property("options", laidOut, (optionsField) => survives(rawMessage(optionsField)));
});

/** Where and how a packet is hurt; positions are taken modulo what is there. */
type Mutation = readonly [kind: number, at: number, byte: number];
const mutation: fc.Arbitrary<Mutation> = fc.tuple(fc.nat(6), u16, u8);

function mutate(packet: Uint8Array, [kind, at, byte]: Mutation): Uint8Array {
  // Mostly among the options, where there is most to go wrong.
  const options = Math.min(240, packet.length);
  const place = kind < 5 ? options + (at % (packet.length - options + 1)) : at % (packet.length + 1);
  const [before, after] = [packet.subarray(0, place), packet.subarray(place)];
  const joined = (...parts: Uint8Array[]): Uint8Array =>
    parts.reduce((writer, part) => writer.raw(part), new ByteWriter()).done();
  switch (kind) {
    case 0:
    case 5:
      return joined(before, Uint8Array.of(byte), after.subarray(1));
    case 1:
      return joined(before, Uint8Array.of(byte), after);
    case 2:
      return joined(before, after.subarray(1 + (byte & 7)));
    case 3:
      return joined(before, packet.subarray(options, options + byte), after);
    case 4:
      return joined(packet.subarray(0, options), Uint8Array.of(52, 1, byte & 3), packet.subarray(options));
    default:
      return before;
  }
}

test("a valid packet with a few things broken is parsed without throwing", { timeout }, () => {
  let accepted = 0;
  let complained = 0;
  property("mutated", fc.tuple(message, list(mutation)), ([whole, mutations]) => {
    const packet = mutations.reduce(mutate, emitDhcp4(whole));
    survives(packet);
    const parsed = parseDhcp4(packet);
    if (parsed.ok) accepted++;
    if (parsed.ok && parsed.value.malformed.length > 0) complained++;
  });
  // Most get past the header and many reach an option's own complaint: the mutations hit what they aim at.
  expect(accepted).toBeGreaterThan(packets * shares.mutated * 0.5);
  expect(complained).toBeGreaterThan(packets * shares.mutated * 0.1);
});

test("what is emitted is parsed to the same message", { timeout }, () => {
  property("roundTrip", message, (sent) => {
    const packet = emitDhcp4(sent);
    same(packet.length >= 300, true);
    same(parseDhcp4(packet), { ok: true, value: sent });
  });
});

/** The same options in parts over the options, file and sname fields: each option from field `from` on, if it fits. */
function overloadPacket(
  sent: Dhcp4Message,
  cuts: readonly (readonly [from: number, cut: number])[],
): Uint8Array {
  const found = new Map<number, Uint8Array>();
  const packet = emitDhcp4(sent);
  collectOptions(packet.subarray(240), found, []);
  const fields = [new ByteWriter().raw(Uint8Array.of(52, 1, 3)), new ByteWriter(), new ByteWriter()] as const;
  const room = [Number.POSITIVE_INFINITY, 127, 63] as const;
  let n = 0;
  for (const [code, content] of found) {
    const [from = 0, cut = 0] = cuts[n++ % cuts.length] ?? [];
    const at = cut % (content.length + 1);
    const [first, second] = from === 2 ? [fields[1], fields[2]] : [fields[0], fields[from === 1 ? 1 : 2]];
    const firstRoom = first === fields[0] ? room[0] : room[1];
    const secondRoom = second === fields[1] ? room[1] : room[2];
    const fits =
      first.length + 2 + at <= firstRoom &&
      second.length + 2 + content.length - at <= secondRoom &&
      at <= 255;
    appendOption(fits ? first : fields[0], code, fits ? content.subarray(0, at) : content);
    if (fits) appendOption(second, code, content.subarray(at));
  }
  const [optionsField, file, sname] = fields.map((field) => field.u8(255).done());
  packet.fill(0, 44, 236);
  packet.set(sname ?? [], 44);
  packet.set(file ?? [], 108);
  return new ByteWriter()
    .raw(packet.subarray(0, 240))
    .raw(optionsField ?? new Uint8Array())
    .done();
}

test("options in parts over three fields are joined to the same message", { timeout }, () => {
  const cuts = fc.array(fc.tuple(fc.nat(2), u8), { minLength: 1, maxLength: 8 });
  property("overloaded", fc.tuple(message, cuts), ([sent, where]) => {
    const { file: _, sname: __, ...rest } = sent;
    const value = { ...rest, options: { ...sent.options, overload: 3 } };
    same(parseDhcp4(overloadPacket(sent, where)), { ok: true, value });
  });
});

test("a frame is parsed to what was put in, and broken ones do not throw", { timeout }, () => {
  const addresses = fc.tuple(mac, mac, ip, ip, u16, u16);
  const frame = fc.tuple(addresses, message).map(([chosen, message]): Dhcp4Frame => {
    const [sourceMac, destinationMac, sourceIp, destinationIp, sourcePort, destinationPort] = chosen;
    return { sourceMac, destinationMac, sourceIp, destinationIp, sourcePort, destinationPort, message };
  });
  property("frames", fc.tuple(frame, u16, u8), ([sent, at, byte]) => {
    const packet = emitDhcp4Frame(sent);
    same(parseDhcp4Frame(packet), { ok: true, value: sent });
    same(parseDhcp4Frame(packet.subarray(0, at % packet.length)).ok, false);
    packet[at % packet.length] = byte;
    parseDhcp4Frame(packet);
  });
});

test(`${packets} packets were generated`, () => {
  expect(generated).toBeGreaterThanOrEqual(packets);
});
