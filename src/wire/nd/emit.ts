import { ByteWriter } from "../../base/bytes.ts";
import { toSeconds } from "../../base/time.ts";
import { emitEthernet, etherTypes } from "../ethernet.ts";
import { emitIcmpv6 } from "../icmpv6.ts";
import { emitIpv6, nextHeaders } from "../ipv6.ts";
import { dnssl } from "../nd-options/dnssl.ts";
import { sourceLinkAddress, targetLinkAddress } from "../nd-options/link-address.ts";
import { mtu } from "../nd-options/mtu.ts";
import { appendOption, type NdOption } from "../nd-options/option-list.ts";
import { pref64 } from "../nd-options/pref64.ts";
import { preferenceBits } from "../nd-options/preference.ts";
import { prefixInformation } from "../nd-options/prefix-information.ts";
import { rdnss } from "../nd-options/rdnss.ts";
import { routeInformation } from "../nd-options/route-information.ts";
import { advertFlags, ndHopLimit, ndTypes, neighbourFlags } from "./layout.ts";
import type { NdFrame, NdMessage, NeighbourAdvert, RouterAdvert } from "./message.ts";

/** A whole Ethernet frame. RangeError: an option of an advertisement that cannot be sent (see there). */
export function emitNdFrame(frame: NdFrame): Uint8Array {
  const { sourceMac, destinationMac, source, destination, message } = frame;
  const icmp = { type: ndTypes[message.kind], code: 0, body: emitBody(message) };
  const payload = emitIcmpv6(icmp, { source, destination });
  return emitEthernet({
    destination: destinationMac,
    source: sourceMac,
    etherType: etherTypes.ipv6,
    payload: emitIpv6({
      source,
      destination,
      nextHeader: nextHeaders.icmpv6,
      hopLimit: ndHopLimit,
      payload,
    }),
  });
}

function emitBody(message: NdMessage): Uint8Array {
  const writer = new ByteWriter();
  switch (message.kind) {
    case "router-solicit":
      writer.zeros(4);
      break;
    case "router-advert":
      writeAdvert(writer, message);
      break;
    case "neighbour-solicit":
      writer.zeros(4).ip6(message.target);
      break;
    case "neighbour-advert":
      writer.u8(flagsOf(message)).zeros(3).ip6(message.target);
      appendAll(writer, targetLinkAddress, optional(message.targetMac));
      return writer.done();
  }
  appendAll(writer, sourceLinkAddress, optional(message.sourceMac));
  if (message.kind === "router-advert") appendAdvertOptions(writer, message);
  return writer.done();
}

const flagsOf = ({ router, solicited, override }: NeighbourAdvert): number =>
  (router ? neighbourFlags.router : 0) |
  (solicited ? neighbourFlags.solicited : 0) |
  (override ? neighbourFlags.override : 0);

const writeAdvert = (writer: ByteWriter, advert: RouterAdvert): ByteWriter =>
  writer
    .u8(advert.hopLimit)
    .u8(
      (advert.managed ? advertFlags.managed : 0) |
        (advert.otherConfig ? advertFlags.otherConfig : 0) |
        preferenceBits(advert.preference),
    )
    .u16(toSeconds(advert.routerLifetime))
    .u32(advert.reachableTime)
    .u32(advert.retransTimer);

function appendAdvertOptions(writer: ByteWriter, advert: RouterAdvert): void {
  appendAll(writer, mtu, optional(advert.mtu));
  appendAll(writer, prefixInformation, advert.prefixes);
  appendAll(writer, routeInformation, advert.routes);
  appendAll(writer, rdnss, advert.rdnss);
  appendAll(writer, dnssl, advert.dnssl);
  appendAll(writer, pref64, advert.pref64);
}

const optional = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value]);

function appendAll<T>(writer: ByteWriter, option: NdOption<T>, values: readonly T[]): void {
  for (const value of values) appendOption(writer, option, value);
}
