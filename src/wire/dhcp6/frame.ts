/** DHCPv6 messages in whole Ethernet frames, for hosts whose addresses the kernel has on many interfaces. */
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import { invalid, type Parsed, valid } from "../../base/parsed.ts";
import { emitEthernet, etherTypes, parseEthernet } from "../ethernet.ts";
import { emitIpv6, nextHeaders, parseIpv6 } from "../ipv6.ts";
import { emitUdp, parseUdp } from "../udp.ts";
import { emitDhcp6 } from "./emit.ts";
import type { Dhcp6Message } from "./message.ts";
import { parseDhcp6 } from "./parse.ts";

/** RFC 8415 section 7.2. */
export const dhcp6Ports = { server: 547, client: 546 } as const;

export interface Dhcp6Frame {
  readonly sourceMac: Mac;
  readonly destinationMac: Mac;
  readonly source: Ip6;
  readonly destination: Ip6;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly message: Dhcp6Message;
}

/** What clients in user space send to groups with (RFC 3493 section 5.2), so that our devices look like any other. */
const hopLimit = 1;

/**
 * Reads a frame on whatever ports it comes; the result shares no memory with it.
 * Errors: of each layer (see there), and anything but UDP over IPv6.
 */
export function parseDhcp6Frame(frame: Uint8Array): Parsed<Dhcp6Frame> {
  const ethernet = parseEthernet(frame);
  if (!ethernet.ok) return ethernet;
  const { source: sourceMac, destination: destinationMac, etherType, payload } = ethernet.value;
  if (etherType !== etherTypes.ipv6) return invalid(`Ethernet: type 0x${etherType.toString(16)} is not IPv6`);
  const ip = parseIpv6(payload);
  if (!ip.ok) return ip;
  const { source, destination, nextHeader } = ip.value;
  if (nextHeader !== nextHeaders.udp) return invalid(`IPv6: next header ${nextHeader} is not UDP`);
  const udp = parseUdp(ip.value.payload, ip.value);
  if (!udp.ok) return udp;
  const { sourcePort, destinationPort } = udp.value;
  const message = parseDhcp6(udp.value.payload);
  if (!message.ok) return message;
  return valid({
    sourceMac,
    destinationMac,
    source,
    destination,
    sourcePort,
    destinationPort,
    message: message.value,
  });
}

export function emitDhcp6Frame(frame: Dhcp6Frame): Uint8Array {
  const { source, destination, sourcePort, destinationPort } = frame;
  const datagram = { sourcePort, destinationPort, payload: emitDhcp6(frame.message) };
  const payload = emitUdp(datagram, { source, destination });
  return emitEthernet({
    destination: frame.destinationMac,
    source: frame.sourceMac,
    etherType: etherTypes.ipv6,
    payload: emitIpv6({ source, destination, nextHeader: nextHeaders.udp, hopLimit, payload }),
  });
}
