/** ICMPv6 echo requests, and what they are answered with (RFC 4443). */
import { ByteReader, ByteWriter } from "../base/bytes.ts";
import type { Ip6 } from "../base/ip6.ts";
import type { Mac } from "../base/mac.ts";
import { emitEthernet, etherTypes, parseEthernet } from "./ethernet.ts";
import { emitIcmpv6, parseIcmpv6 } from "./icmpv6.ts";
import { emitIpv6, nextHeaders, parseIpv6 } from "./ipv6.ts";

export const echoTypes = { unreachable: 1, expired: 3, request: 128, reply: 129 } as const;

export interface EchoRequest {
  readonly mac: Mac;
  readonly ip: Ip6;
  readonly routerMac: Mac;
  readonly target: Ip6;
  readonly identifier: number;
  readonly hopLimit: number;
}

/** A whole Ethernet frame; the sequence number is the hop limit. */
export function emitEchoFrame({ mac, ip, routerMac, target, identifier, hopLimit }: EchoRequest): Uint8Array {
  const hosts = { source: ip, destination: target };
  const body = new ByteWriter().u16(identifier).u16(hopLimit).zeros(8).done();
  const payload = emitIcmpv6({ type: echoTypes.request, code: 0, body }, hosts);
  return emitEthernet({
    ...{ source: mac, destination: routerMac, etherType: etherTypes.ipv6 },
    payload: emitIpv6({ ...hosts, nextHeader: nextHeaders.icmpv6, hopLimit, payload }),
  });
}

export interface EchoAnswer {
  readonly from: Ip6;
  readonly kind: "reply" | "expired" | "unreachable";
}

/** The answer in a frame to a request for `target`; undefined: it is none. */
export function readEchoAnswer(frame: Uint8Array, target: Ip6, identifier: number): EchoAnswer | undefined {
  const ethernet = parseEthernet(frame);
  if (!ethernet.ok || ethernet.value.etherType !== etherTypes.ipv6) return undefined;
  const packet = parseIpv6(ethernet.value.payload);
  if (!packet.ok || packet.value.nextHeader !== nextHeaders.icmpv6) return undefined;
  const { source: from, payload } = packet.value;
  const icmp = parseIcmpv6(payload, packet.value);
  if (!icmp.ok) return undefined;
  const { type, body } = icmp.value;
  if (type === echoTypes.reply)
    return from === target && new ByteReader(body).u16() === identifier ? { from, kind: "reply" } : undefined;
  const kind = { [echoTypes.unreachable]: "unreachable", [echoTypes.expired]: "expired" } as const;
  const what = type === echoTypes.unreachable || type === echoTypes.expired ? kind[type] : undefined;
  return what && isAbout(body.subarray(4), target, identifier) ? { from, kind: what } : undefined;
}

/** Errors carry as much of what they are about as fits (RFC 4443 sections 3.1 and 3.3). */
function isAbout(quoted: Uint8Array, target: Ip6, identifier: number): boolean {
  const reader = new ByteReader(quoted);
  reader.skip(6);
  const nextHeader = reader.u8();
  reader.skip(17);
  const destination = reader.ip6();
  const type = reader.u8();
  reader.skip(3);
  const id = reader.u16();
  return (
    reader.error === undefined &&
    nextHeader === nextHeaders.icmpv6 &&
    destination === target &&
    type === echoTypes.request &&
    id === identifier
  );
}
