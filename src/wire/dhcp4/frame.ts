/** DHCPv4 messages in whole Ethernet frames, for hosts that have no address yet. */
import type { Ip4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";
import { invalid, type Parsed, valid } from "../../base/parsed.ts";
import { emitEthernet, etherTypes, parseEthernet } from "../ethernet.ts";
import { emitIpv4, ipProtocols, parseIpv4 } from "../ipv4.ts";
import { emitUdp, parseUdp } from "../udp.ts";
import { emitDhcp4 } from "./emit.ts";
import type { Dhcp4Message } from "./message.ts";
import { parseDhcp4 } from "./parse.ts";

export const dhcp4Ports = { server: 67, client: 68 } as const;

export interface Dhcp4Frame {
  readonly sourceMac: Mac;
  readonly destinationMac: Mac;
  readonly sourceIp: Ip4;
  readonly destinationIp: Ip4;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly message: Dhcp4Message;
}

const ttl = 64;

/**
 * Reads a frame on whatever ports it comes; the result shares no memory with it.
 * Errors: of each layer (see there), and anything but UDP over IPv4.
 */
export function parseDhcp4Frame(frame: Uint8Array): Parsed<Dhcp4Frame> {
  const ethernet = parseEthernet(frame);
  if (!ethernet.ok) return ethernet;
  const { source: sourceMac, destination: destinationMac, etherType, payload } = ethernet.value;
  if (etherType !== etherTypes.ipv4) return invalid(`Ethernet: type 0x${etherType.toString(16)} is not IPv4`);
  const ip = parseIpv4(payload);
  if (!ip.ok) return ip;
  const { source: sourceIp, destination: destinationIp, protocol } = ip.value;
  if (protocol !== ipProtocols.udp) return invalid(`IPv4: protocol ${protocol} is not UDP`);
  const udp = parseUdp(ip.value.payload, ip.value);
  if (!udp.ok) return udp;
  const { sourcePort, destinationPort } = udp.value;
  const message = parseDhcp4(udp.value.payload);
  if (!message.ok) return message;
  return valid({
    sourceMac,
    destinationMac,
    sourceIp,
    destinationIp,
    sourcePort,
    destinationPort,
    message: message.value,
  });
}

export function emitDhcp4Frame(frame: Dhcp4Frame): Uint8Array {
  const { sourceIp: source, destinationIp: destination, sourcePort, destinationPort } = frame;
  const datagram = { sourcePort, destinationPort, payload: emitDhcp4(frame.message) };
  const payload = emitUdp(datagram, { source, destination });
  return emitEthernet({
    destination: frame.destinationMac,
    source: frame.sourceMac,
    etherType: etherTypes.ipv4,
    payload: emitIpv4({ source, destination, protocol: ipProtocols.udp, ttl, payload }),
  });
}
