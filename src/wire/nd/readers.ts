/** What stands behind the checksum of each kind of message -> the message (RFC 4861 section 4). */
import type { ByteReader } from "../../base/bytes.ts";
import { millis, seconds, zero } from "../../base/time.ts";
import { dnssl } from "../nd-options/dnssl.ts";
import { sourceLinkAddress, targetLinkAddress } from "../nd-options/link-address.ts";
import { mtu } from "../nd-options/mtu.ts";
import { type RawOption, readAll } from "../nd-options/option-list.ts";
import { pref64 } from "../nd-options/pref64.ts";
import { preferenceOf } from "../nd-options/preference.ts";
import { prefixInformation } from "../nd-options/prefix-information.ts";
import { rdnss } from "../nd-options/rdnss.ts";
import { routeInformation } from "../nd-options/route-information.ts";
import { advertFlags, ndTypes, neighbourFlags } from "./layout.ts";
import type { NdMessage, NeighbourAdvert, NeighbourSolicit, RouterAdvert, RouterSolicit } from "./message.ts";

interface MessageReader {
  /** Bytes before the options. */
  readonly head: number;
  readonly read: (reader: ByteReader, options: readonly RawOption[]) => NdMessage;
}

/** By ICMPv6 type. */
export const readers: ReadonlyMap<number, MessageReader> = new Map([
  [ndTypes["router-solicit"], { head: 4, read: readRouterSolicit }],
  [ndTypes["router-advert"], { head: 12, read: readRouterAdvert }],
  [ndTypes["neighbour-solicit"], { head: 20, read: readNeighbourSolicit }],
  [ndTypes["neighbour-advert"], { head: 20, read: readNeighbourAdvert }],
]);

function sourceOf(options: readonly RawOption[]): Pick<RouterSolicit, "sourceMac"> {
  const [sourceMac] = readAll(options, sourceLinkAddress);
  return sourceMac === undefined ? {} : { sourceMac };
}

function readRouterSolicit(_: ByteReader, options: readonly RawOption[]): RouterSolicit {
  return { kind: "router-solicit", ...sourceOf(options) };
}

function readRouterAdvert(reader: ByteReader, options: readonly RawOption[]): RouterAdvert {
  const hopLimit = reader.u8();
  const flags = reader.u8();
  const routerLifetime = seconds(reader.u16());
  const reachableTime = millis(reader.u32());
  const retransTimer = millis(reader.u32());
  // The preference is that of a default router, and the reserved one is none (RFC 4191 section 2.2).
  const preference = routerLifetime === zero ? "medium" : (preferenceOf(flags) ?? "medium");
  const [linkMtu] = readAll(options, mtu);
  return {
    kind: "router-advert",
    hopLimit,
    managed: (flags & advertFlags.managed) !== 0,
    otherConfig: (flags & advertFlags.otherConfig) !== 0,
    preference,
    routerLifetime,
    reachableTime,
    retransTimer,
    ...sourceOf(options),
    ...(linkMtu === undefined ? {} : { mtu: linkMtu }),
    prefixes: readAll(options, prefixInformation),
    routes: readAll(options, routeInformation),
    rdnss: readAll(options, rdnss),
    dnssl: readAll(options, dnssl),
    pref64: readAll(options, pref64),
  };
}

function readNeighbourSolicit(reader: ByteReader, options: readonly RawOption[]): NeighbourSolicit {
  reader.skip(4);
  return { kind: "neighbour-solicit", target: reader.ip6(), ...sourceOf(options) };
}

function readNeighbourAdvert(reader: ByteReader, options: readonly RawOption[]): NeighbourAdvert {
  const flags = reader.u8();
  reader.skip(3);
  const target = reader.ip6();
  const [targetMac] = readAll(options, targetLinkAddress);
  return {
    kind: "neighbour-advert",
    target,
    router: (flags & neighbourFlags.router) !== 0,
    solicited: (flags & neighbourFlags.solicited) !== 0,
    override: (flags & neighbourFlags.override) !== 0,
    ...(targetMac === undefined ? {} : { targetMac }),
  };
}
