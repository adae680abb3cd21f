/** Datagrams of one flow, of which some must not go the short way. */

import type { Ip4 } from "../../src/base/ip4.ts";
import type { Mac } from "../../src/base/mac.ts";
import { checksumOf, sumWords } from "../../src/wire/checksum.ts";
import { emitEthernet, etherTypes } from "../../src/wire/ethernet.ts";
import { emitIpv4, ipProtocols } from "../../src/wire/ipv4.ts";
import { emitUdp } from "../../src/wire/udp.ts";
import { standardMacs } from "../description.ts";

export interface Flow {
  readonly mac: string;
  readonly source: string;
  readonly destination: string;
}

export const flowPorts = { source: 40_000, destination: 9 } as const;

interface Oddities {
  readonly ttl?: number;
  /** To another station, where a switch does not know better. */
  readonly to?: string;
  /** RFC 768: none. */
  readonly noChecksum?: boolean;
  /** The second octet of the header. */
  readonly service?: number;
  /** A router alert (RFC 2113). */
  readonly alert?: boolean;
}

export function datagram(flow: Flow, text: string, odd: Oddities = {}): Uint8Array {
  const hosts = { source: flow.source as Ip4, destination: flow.destination as Ip4 };
  const ports = { sourcePort: flowPorts.source, destinationPort: flowPorts.destination };
  const udp = emitUdp({ ...ports, payload: new TextEncoder().encode(text) }, hosts);
  if (odd.noChecksum) udp.fill(0, 6, 8);
  const plain = emitIpv4({ ...hosts, protocol: ipProtocols.udp, ttl: odd.ttl ?? 64, payload: udp });
  return framed(flow, withOddities(plain, odd), odd.to);
}

const framed = ({ mac }: Flow, payload: Uint8Array, to: string = standardMacs.gatewayLan): Uint8Array =>
  emitEthernet({ destination: to as Mac, source: mac as Mac, etherType: etherTypes.ipv4, payload });

function withOddities(packet: Uint8Array, { service = 0, alert = false }: Oddities): Uint8Array {
  const options = alert ? [0x94, 4, 0, 0] : [];
  const bytes = Uint8Array.of(...packet.subarray(0, 20), ...options, ...packet.subarray(20));
  const header = 20 + options.length;
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x40 + header / 4);
  view.setUint8(1, service);
  view.setUint16(2, bytes.length);
  return summed(bytes, header);
}

function summed(bytes: Uint8Array, header: number): Uint8Array {
  const view = new DataView(bytes.buffer);
  view.setUint16(10, 0);
  view.setUint16(10, checksumOf(sumWords(bytes.subarray(0, header))));
  return bytes;
}

/** The same in two fragments, the first of 24 octets (RFC 791). */
export function fragments(flow: Flow, text: string): Uint8Array[] {
  const whole = datagram(flow, text).subarray(14);
  const [head, body] = [whole.subarray(0, 20), whole.subarray(20)];
  const piece = (part: Uint8Array, field: number): Uint8Array => {
    const bytes = Uint8Array.of(...head, ...part);
    const view = new DataView(bytes.buffer);
    view.setUint16(2, bytes.length);
    view.setUint16(4, 4711);
    view.setUint16(6, field);
    return framed(flow, summed(bytes, 20));
  };
  return [piece(body.subarray(0, 24), 0x2000), piece(body.subarray(24), 3)];
}
