/** ARP for IPv4 over Ethernet (RFC 826), and the frames of address conflict detection (RFC 5227). */
import { ByteReader, ByteWriter } from "../base/bytes.ts";
import { anyIp4, type Ip4 } from "../base/ip4.ts";
import { broadcastMac, type Mac, zeroMac } from "../base/mac.ts";
import { invalid, type Parsed, valid } from "../base/parsed.ts";
import { emitEthernet, etherTypes, parseEthernet } from "./ethernet.ts";

export interface Arp {
  readonly operation: "request" | "reply";
  readonly senderMac: Mac;
  readonly senderIp: Ip4;
  readonly targetMac: Mac;
  readonly targetIp: Ip4;
}

export interface ArpFrame {
  /** The Ethernet header's addresses; a liar's differ from those inside. */
  readonly source: Mac;
  readonly destination: Mac;
  readonly arp: Arp;
}

const ethernetIpv4 = [0x0001, etherTypes.ipv4, 0x0604] as const;

/** Reads an Ethernet payload; padding behind the 28 bytes is ignored. Errors: short, other address types, other operations. */
export function parseArp(bytes: Uint8Array): Parsed<Arp> {
  const reader = new ByteReader(bytes);
  const isEthernetIpv4 = ethernetIpv4.map(() => reader.u16()).every((field, i) => field === ethernetIpv4[i]);
  const operation = reader.u16();
  const senderMac = reader.mac();
  const senderIp = reader.ip4();
  const targetMac = reader.mac();
  const targetIp = reader.ip4();
  if (reader.error !== undefined) return invalid(`ARP: ${reader.error}`);
  if (!isEthernetIpv4) return invalid("ARP: not for IPv4 over Ethernet");
  if (operation !== 1 && operation !== 2) return invalid(`ARP: operation ${operation} is neither 1 nor 2`);
  return valid({
    operation: operation === 1 ? "request" : "reply",
    senderMac,
    senderIp,
    targetMac,
    targetIp,
  });
}

/** The 28 bytes of an Ethernet payload. */
export function emitArp(arp: Arp): Uint8Array {
  const writer = new ByteWriter();
  for (const field of ethernetIpv4) writer.u16(field);
  return writer
    .u16(arp.operation === "request" ? 1 : 2)
    .mac(arp.senderMac)
    .ip4(arp.senderIp)
    .mac(arp.targetMac)
    .ip4(arp.targetIp)
    .done();
}

/** Reads a whole Ethernet frame. Errors: as parseEthernet and parseArp, or another EtherType. */
export function parseArpFrame(frame: Uint8Array): Parsed<ArpFrame> {
  const ethernet = parseEthernet(frame);
  if (!ethernet.ok) return ethernet;
  const { source, destination, etherType, payload } = ethernet.value;
  if (etherType !== etherTypes.arp) return invalid(`Ethernet: type 0x${etherType.toString(16)} is not ARP`);
  const arp = parseArp(payload);
  return arp.ok ? valid({ source, destination, arp: arp.value }) : arp;
}

/** A whole Ethernet frame, from the ARP sender unless `source` says otherwise. */
export const emitArpFrame = (arp: Arp, destination: Mac, source: Mac = arp.senderMac): Uint8Array =>
  emitEthernet({ destination, source, etherType: etherTypes.arp, payload: emitArp(arp) });

/** Asks whether anyone holds `ip`, without touching any cache (RFC 5227 section 2.1.1). */
export const emitArpProbe = (mac: Mac, ip: Ip4): Uint8Array =>
  emitArpRequest({ senderMac: mac, senderIp: anyIp4, targetIp: ip });

/** Claims `ip`: sender and target are both it (RFC 5227 section 2.3). */
export const emitArpAnnouncement = (mac: Mac, ip: Ip4): Uint8Array =>
  emitArpRequest({ senderMac: mac, senderIp: ip, targetIp: ip });

/** Asks for the MAC of `targetIp`: everyone, or only `destination` (RFC 1122 section 2.3.2.1, unicast poll). */
export const emitArpRequest = (
  request: Pick<Arp, "senderMac" | "senderIp" | "targetIp">,
  destination: Mac = broadcastMac,
): Uint8Array => emitArpFrame({ ...request, operation: "request", targetMac: zeroMac }, destination);

/** Answers the one who asked. */
export const emitArpReply = (reply: Omit<Arp, "operation">): Uint8Array =>
  emitArpFrame({ ...reply, operation: "reply" }, reply.targetMac);
