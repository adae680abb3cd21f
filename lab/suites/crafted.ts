/** Frames that no honest host sends, whole: any MAC, any source, any destination. */
import type { Ip4 } from "../../src/base/ip4.ts";
import type { Ip6 } from "../../src/base/ip6.ts";
import { broadcastMac, type Mac, zeroMac } from "../../src/base/mac.ts";
import { emitArp } from "../../src/wire/arp.ts";
import { type Between, checksumOf, pseudoHeaderSum, sumWords } from "../../src/wire/checksum.ts";
import { emitEthernet, etherTypes } from "../../src/wire/ethernet.ts";
import { emitIcmpv6 } from "../../src/wire/icmpv6.ts";
import { emitIpv4, ipProtocols } from "../../src/wire/ipv4.ts";
import { emitIpv6, nextHeaders } from "../../src/wire/ipv6.ts";
import { emitUdp } from "../../src/wire/udp.ts";

export interface Probe {
  readonly fromMac: string;
  readonly toMac: string;
  /** Both of one family. */
  readonly source: string;
  readonly destination: string;
  /** The source port, or the identifier of an echo request: by it the probe is found again in captures. */
  readonly mark: number;
}

const between = ({ source, destination }: Probe): Between => ({ source, destination }) as Between;

function frame(probe: Probe, protocol: number, payload: Uint8Array): Uint8Array {
  const { source, destination } = probe;
  const six = source.includes(":");
  return emitEthernet({
    ...{ destination: probe.toMac as Mac, source: probe.fromMac as Mac },
    etherType: six ? etherTypes.ipv6 : etherTypes.ipv4,
    payload: six
      ? emitIpv6({
          ...{ source: source as Ip6, destination: destination as Ip6 },
          ...{ nextHeader: protocol, hopLimit: 64, payload },
        })
      : emitIpv4({
          ...{ source: source as Ip4, destination: destination as Ip4 },
          ...{ protocol, ttl: 64, payload },
        }),
  });
}

/** A TCP segment that begins a connection (RFC 9293 section 3.1). */
export function tcpSyn(probe: Probe, port: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, probe.mark);
  view.setUint16(2, port);
  view.setUint32(4, probe.mark);
  view.setUint16(12, 0x5002);
  view.setUint16(14, 65535);
  const pseudo = pseudoHeaderSum(between(probe), ipProtocols.tcp, bytes.length);
  view.setUint16(16, checksumOf(sumWords(bytes, pseudo)));
  return frame(probe, ipProtocols.tcp, bytes);
}

export const udpDatagram = (probe: Probe, port: number): Uint8Array =>
  frame(
    probe,
    ipProtocols.udp,
    emitUdp(
      { sourcePort: probe.mark, destinationPort: port, payload: new TextEncoder().encode("hello") },
      between(probe),
    ),
  );

/** RFC 792 and RFC 4443 section 4.1. */
export function echoRequest(probe: Probe): Uint8Array {
  const body = Uint8Array.of(probe.mark >>> 8, probe.mark & 0xff, 0, 1);
  if (probe.source.includes(":"))
    return frame(probe, nextHeaders.icmpv6, emitIcmpv6({ type: 128, code: 0, body }, between(probe)));
  const bytes = Uint8Array.of(8, 0, 0, 0, ...body);
  new DataView(bytes.buffer).setUint16(2, checksumOf(sumWords(bytes)));
  return frame(probe, ipProtocols.icmp, bytes);
}

/** One of each kind, the TCP ones to the ports told. */
export const probesOf = (probe: Probe, tcp: readonly number[], udp: readonly number[]): Uint8Array[] => [
  ...tcp.map((port) => tcpSyn(probe, port)),
  ...udp.map((port) => udpDatagram(probe, port)),
  echoRequest(probe),
];

/** An ARP request in a VLAN (IEEE 802.1Q), for a host that is not there. */
export function taggedArpRequest(from: string, vlan: number): Uint8Array {
  const senderMac = from as Mac;
  const ips = { senderIp: "10.0.0.1" as Ip4, targetIp: "10.0.0.9" as Ip4 };
  const arp = emitArp({ operation: "request", senderMac, targetMac: zeroMac, ...ips });
  const payload = Buffer.alloc(46);
  payload.writeUInt16BE(vlan, 0);
  payload.writeUInt16BE(etherTypes.arp, 2);
  payload.set(arp, 4);
  return emitEthernet({ destination: broadcastMac, source: senderMac, etherType: 0x8100, payload });
}
