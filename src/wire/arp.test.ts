import { expect, test } from "vitest";
import { parseIp4 } from "../base/ip4.ts";
import { parseMac } from "../base/mac.ts";
import { must } from "../base/parsed.ts";
import {
  emitArpAnnouncement,
  emitArpFrame,
  emitArpProbe,
  emitArpReply,
  emitArpRequest,
  parseArp,
  parseArpFrame,
} from "./arp.ts";

const mac = must(parseMac("02:00:00:00:00:0a"));
const otherMac = must(parseMac("02:00:00:00:00:0b"));
const ip = must(parseIp4("192.0.2.10"));
const otherIp = must(parseIp4("192.0.2.11"));

const toAll = "ff ff ff ff ff ff 02 00 00 00 00 0a 08 06";
const toOther = "02 00 00 00 00 0b 02 00 00 00 00 0a 08 06";
const request = "00 01 08 00 06 04 00 01";
const reply = "00 01 08 00 06 04 00 02";
const from = "02 00 00 00 00 0a";
const nobody = "00 00 00 00 00 00";

const hex = (bytes: Uint8Array): string => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join(" ");
const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text.split(" "), (octet) => Number.parseInt(octet, 16));

test.each([
  [
    "probe (RFC 5227)",
    emitArpProbe(mac, ip),
    `${toAll} ${request} ${from} 00 00 00 00 ${nobody} c0 00 02 0a`,
  ],
  [
    "announcement (RFC 5227)",
    emitArpAnnouncement(mac, ip),
    `${toAll} ${request} ${from} c0 00 02 0a ${nobody} c0 00 02 0a`,
  ],
  [
    "request to all",
    emitArpRequest({ senderMac: mac, senderIp: ip, targetIp: otherIp }),
    `${toAll} ${request} ${from} c0 00 02 0a ${nobody} c0 00 02 0b`,
  ],
  [
    "request to one",
    emitArpRequest({ senderMac: mac, senderIp: ip, targetIp: otherIp }, otherMac),
    `${toOther} ${request} ${from} c0 00 02 0a ${nobody} c0 00 02 0b`,
  ],
  [
    "reply",
    emitArpReply({ senderMac: mac, senderIp: ip, targetMac: otherMac, targetIp: otherIp }),
    `${toOther} ${reply} ${from} c0 00 02 0a 02 00 00 00 00 0b c0 00 02 0b`,
  ],
])("%s", (_, frame, expected) => {
  expect(hex(frame)).toBe(expected);
});

test("a frame with padding is read, and tells both senders", () => {
  const arp = {
    operation: "reply",
    senderMac: mac,
    senderIp: ip,
    targetMac: otherMac,
    targetIp: otherIp,
  } as const;
  const padded = new Uint8Array(60);
  padded.set(emitArpFrame(arp, mac, otherMac));
  expect(parseArpFrame(padded)).toStrictEqual({
    ok: true,
    value: { source: otherMac, destination: mac, arp },
  });
});

const rest = `${from} c0 00 02 0a ${nobody} c0 00 02 0b`;
test.each([
  ["IPv6 inside", `00 01 86 dd 06 04 00 01 ${rest}`, "ARP: not for IPv4 over Ethernet"],
  ["another hardware type", `00 06 08 00 06 04 00 01 ${rest}`, "ARP: not for IPv4 over Ethernet"],
  ["another address length", `00 01 08 00 08 04 00 01 ${rest}`, "ARP: not for IPv4 over Ethernet"],
  ["reverse ARP", `00 01 08 00 06 04 00 03 ${rest}`, "ARP: operation 3 is neither 1 nor 2"],
  ["a short one", `${request} ${rest}`.slice(0, -3), "ARP: ends after 27 bytes, 28 needed"],
])("%s is an error", (_, text, error) => {
  expect(parseArp(bytesOf(text))).toStrictEqual({ ok: false, error });
});

test("a frame of another EtherType is an error", () => {
  const frame = emitArpProbe(mac, ip);
  frame[13] = 0;
  expect(parseArpFrame(frame)).toStrictEqual({ ok: false, error: "Ethernet: type 0x800 is not ARP" });
});
