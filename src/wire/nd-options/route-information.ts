import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { networkOf6 } from "../../base/cidr6.ts";
import { ip6FromBytes, ip6ToBytes } from "../../base/ip6.ts";
import { invalid, valid } from "../../base/parsed.ts";
import type { RouterAdvert } from "../nd/message.ts";
import type { Shape } from "../option-shapes.ts";
import { readLifetime, writeLifetime } from "./lifetime.ts";
import { ndOption } from "./option-list.ts";
import { preferenceBits, preferenceOf } from "./preference.ts";

type RouteInformation = RouterAdvert["routes"][number];

const headLength = 6;
const longest = headLength + 16;

/** So many octets of a prefix are sent: whole units of 8 (RFC 4191 section 2.3). */
const octetsFor = (length: number): number => Math.ceil(length / 64) * 8;

const shape: Shape<RouteInformation> = {
  parse(bytes) {
    const reader = new ByteReader(bytes);
    const length = reader.u8();
    const preference = preferenceOf(reader.u8());
    const lifetime = readLifetime(reader);
    const octets = reader.rest();
    if (length > 128) return invalid(`a prefix length of ${length}`);
    if (bytes.length > longest || octets.length < octetsFor(length))
      return invalid(`${octets.length} octets for a prefix of ${length} bits`);
    if (preference === undefined) return invalid("the reserved preference");
    return valid({ prefix: networkOf6(ip6FromBytes(octets), length), preference, lifetime });
  },
  emit({ prefix, preference, lifetime }) {
    const writer = new ByteWriter().u8(prefix.length).u8(preferenceBits(preference));
    const octets = ip6ToBytes(prefix.address).subarray(0, octetsFor(prefix.length));
    return writeLifetime(writer, lifetime).raw(octets).done();
  },
};

/** Option 24, a route by way of the sender; with the reserved preference it is ignored (RFC 4191 section 2.3). */
export const routeInformation = ndOption(24, shape);
