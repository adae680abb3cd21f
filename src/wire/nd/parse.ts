import { ByteReader } from "../../base/bytes.ts";
import { invalid, type Parsed, valid } from "../../base/parsed.ts";
import { etherTypes, parseEthernet } from "../ethernet.ts";
import { parseIcmpv6 } from "../icmpv6.ts";
import { type Ipv6, nextHeaders, parseIpv6 } from "../ipv6.ts";
import { splitOptions } from "../nd-options/option-list.ts";
import { complaintAbout } from "./checks.ts";
import { ndHopLimit } from "./layout.ts";
import type { NdFrame, NdMessage } from "./message.ts";
import { readers } from "./readers.ts";

/**
 * Reads a whole Ethernet frame; the result shares no memory with it. Of options that may stand once the first counts.
 * Errors: of each layer (see there), and what RFC 4861 sections 6.1 and 7.1 say to discard in silence.
 */
export function parseNdFrame(frame: Uint8Array): Parsed<NdFrame> {
  const ethernet = parseEthernet(frame);
  if (!ethernet.ok) return ethernet;
  const { source: sourceMac, destination: destinationMac, etherType, payload } = ethernet.value;
  if (etherType !== etherTypes.ipv6) return invalid(`Ethernet: type 0x${etherType.toString(16)} is not IPv6`);
  const ip = parseIpv6(payload);
  if (!ip.ok) return ip;
  const { source, destination } = ip.value;
  const message = parseNd(ip.value);
  return message.ok
    ? valid({ sourceMac, destinationMac, source, destination, message: message.value })
    : message;
}

function parseNd(packet: Ipv6): Parsed<NdMessage> {
  if (packet.nextHeader !== nextHeaders.icmpv6)
    return invalid(`IPv6: header ${packet.nextHeader} is not ICMPv6`);
  const icmp = parseIcmpv6(packet.payload, packet);
  if (!icmp.ok) return icmp;
  const { type, code, body } = icmp.value;
  const reader = readers.get(type);
  if (reader === undefined) return invalid(`ICMPv6: type ${type} is not of neighbour discovery`);
  if (packet.hopLimit !== ndHopLimit) return invalid(`ND: hop limit ${packet.hopLimit} is not 255`);
  if (code !== 0) return invalid(`ND: code ${code}`);
  if (body.length < reader.head) return invalid(`ND: ends after ${body.length} bytes, ${reader.head} needed`);
  const options = splitOptions(body.subarray(reader.head));
  if (!options.ok) return invalid(`ND: ${options.error}`);
  const message = reader.read(new ByteReader(body), options.value);
  const complaint = complaintAbout(message, packet);
  return complaint === undefined ? valid(message) : invalid(`ND: ${complaint}`);
}
