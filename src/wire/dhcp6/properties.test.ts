import { env } from "node:process";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bytes, ip, message, typedCodes, u16 } from "../../../test/support/dhcp6-messages.ts";
import { ByteWriter } from "../../base/bytes.ts";
import { macFromBytes } from "../../base/mac.ts";
import { rawMessage } from "../dhcp6-options/read-option.fixture.ts";
import { emitDhcp6 } from "./emit.ts";
import { type Dhcp6Frame, emitDhcp6Frame, parseDhcp6Frame } from "./frame.ts";
import type { Dhcp6Message } from "./message.ts";
import { parseDhcp6 } from "./parse.ts";

/** Packets generated in one run of this file; PROPERTY_RUNS may only raise it. */
const packets = Math.max(100_000, Number(env.PROPERTY_RUNS ?? 0));
const shares = { random: 0.2, options: 0.3, mutated: 0.3, roundTrip: 0.15, frames: 0.05 };
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

const timeout = 90_000 * Math.ceil(packets / 100_000);

/** What holds of any parse: it returned, and a message that came out goes in again and comes out the same. */
function survives(packet: Uint8Array): Dhcp6Message | undefined {
  const parsed = parseDhcp6(packet);
  if (!parsed.ok) {
    same(parsed.error.startsWith("DHCPv6: "), true);
    return undefined;
  }
  same(parseDhcp6(emitDhcp6(parsed.value)), { ok: true, value: { ...parsed.value, malformed: [] } });
  return parsed.value;
}

test("any bytes are parsed without throwing", { timeout }, () => {
  property("random", bytes(0, 300), survives);
});

/** Options of known codes mostly, whose lengths are right mostly, one inside the other to some depth. */
const laidOut: fc.Arbitrary<number[]> = fc.letrec<{ area: number[]; option: number[] }>((tie) => ({
  area: fc.array(tie("option"), { maxLength: 4, depthIdentifier: "area" }).map((parts) => parts.flat()),
  option: fc
    .record({
      code: fc.oneof(
        { arbitrary: fc.constantFrom(...typedCodes, 5), weight: 6 },
        { arbitrary: u16, weight: 1 },
      ),
      fixed: fc.oneof(fc.constantFrom(0, 1, 2, 4, 12, 16, 24), fc.nat(40)).chain((n) => bytes(n, n)),
      inside: fc.oneof({ depthIdentifier: "area", maxDepth: 3 }, fc.constant([]), tie("area")),
      wrongBy: fc.oneof({ arbitrary: fc.constant(0), weight: 9 }, { arbitrary: u16, weight: 1 }),
    })
    .map(({ code, fixed, inside, wrongBy }) => {
      const length = (fixed.length + inside.length) ^ wrongBy;
      return [...new ByteWriter().u16(code).u16(length).done(), ...fixed, ...inside];
    }),
})).area;

test("any options are parsed without throwing", { timeout }, () => {
  let inside = 0;
  property("options", laidOut, (options) => {
    if (survives(rawMessage(options))?.malformed.some(({ why }) => why.startsWith("in IA "))) inside++;
  });
  // Many reach a complaint of an option inside an IA.
  expect(inside).toBeGreaterThan(packets * shares.options * 0.01);
});

/** Where and how a packet is hurt; positions are taken modulo what is there. */
type Mutation = readonly [kind: number, at: number, byte: number];
const mutation: fc.Arbitrary<Mutation> = fc.tuple(fc.nat(5), u16, fc.nat(0xff));
const optionsAt = 4;

function mutate(packet: Uint8Array, [kind, at, byte]: Mutation): Uint8Array {
  // Mostly among the options, where there is most to go wrong.
  const first = kind < 5 ? Math.min(optionsAt, packet.length) : 0;
  const place = first + (at % (packet.length - first + 1));
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
      return joined(packet, packet.subarray(first));
    default:
      return before;
  }
}

test("a valid packet with a few things broken is parsed without throwing", { timeout }, () => {
  let accepted = 0;
  let complained = 0;
  const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });
  property("mutated", fc.tuple(message, mutations), ([whole, hurts]) => {
    const parsed = survives(hurts.reduce(mutate, emitDhcp6(whole)));
    if (parsed !== undefined) accepted++;
    if (parsed !== undefined && parsed.malformed.length > 0) complained++;
  });
  // Most get past the header and many reach an option's own complaint: the mutations hit what they aim at.
  expect(accepted).toBeGreaterThan(packets * shares.mutated * 0.5);
  expect(complained).toBeGreaterThan(packets * shares.mutated * 0.3);
});

test("what is emitted is parsed to the same message", { timeout }, () => {
  property("roundTrip", message, (sent) => same(parseDhcp6(emitDhcp6(sent)), { ok: true, value: sent }));
});

test("a frame is parsed to what was put in, and broken ones do not throw", { timeout }, () => {
  const mac = bytes(6, 6).map((octets) => macFromBytes(octets));
  const addresses = fc.tuple(mac, mac, ip, ip, u16, u16);
  const frame = fc.tuple(addresses, message).map(([chosen, message]): Dhcp6Frame => {
    const [sourceMac, destinationMac, source, destination, sourcePort, destinationPort] = chosen;
    return { sourceMac, destinationMac, source, destination, sourcePort, destinationPort, message };
  });
  property("frames", fc.tuple(frame, u16, fc.nat(0xff)), ([sent, at, byte]) => {
    const packet = emitDhcp6Frame(sent);
    same(parseDhcp6Frame(packet), { ok: true, value: sent });
    same(parseDhcp6Frame(packet.subarray(0, at % packet.length)).ok, false);
    packet[at % packet.length] = byte;
    parseDhcp6Frame(packet);
  });
});

test(`${packets} packets were generated`, () => {
  expect(generated).toBeGreaterThanOrEqual(packets);
});
