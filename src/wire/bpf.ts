/** Classic BPF programs (Linux `struct sock_filter`) that pick frames before they reach us. */
import { type Mac, macToBytes } from "../base/mac.ts";
import {
  assemble,
  type BpfInstruction,
  drop,
  equals,
  hasAnyOf,
  ipHeaderLength,
  type Line,
  load8,
  load16,
  load16AfterIpHeader,
  load32,
  verdicts,
} from "./bpf-lines.ts";

export type { BpfInstruction } from "./bpf-lines.ts";

/** Kept if it is UDP to `port` over IPv4, and no later fragment. */
const udp4 = (port: number): readonly Line[] => [
  load8(23),
  equals(17, { no: "drop" }),
  load16(20),
  hasAnyOf(0x1fff, { yes: "drop" }),
  ipHeaderLength,
  load16AfterIpHeader(16),
  equals(port, { yes: "keep", no: "drop" }),
];

/** All ARP, and unfragmented IPv4 UDP to `udpPort`: 68 to hear servers, 67 to hear clients. */
export const arpOrUdpTo = (udpPort: number): readonly BpfInstruction[] =>
  assemble([
    load16(12),
    equals(0x0806, { yes: "keep" }),
    equals(0x0800, { no: "drop" }),
    ...udp4(udpPort),
    ...verdicts,
  ]);

/**
 * What the WAN says to clients and hosts: all ARP, unfragmented IPv4 UDP to 68, IPv6 UDP to 546, router advertisements,
 * neighbour solicitations and advertisements. On IPv6 only without extension headers.
 */
export const wanFilter: readonly BpfInstruction[] = assemble([
  load16(12),
  equals(0x0806, { yes: "keep" }),
  equals(0x86dd, { yes: "ipv6" }),
  equals(0x0800, { no: "drop" }),
  ...udp4(68),
  "ipv6",
  load8(20),
  equals(58, { yes: "icmpv6" }),
  equals(17, { no: "drop" }),
  load16(56),
  equals(546, { yes: "keep", no: "drop" }),
  "icmpv6",
  load8(54),
  equals(134, { yes: "keep" }),
  equals(135, { yes: "keep" }),
  equals(136, { yes: "keep", no: "drop" }),
  ...verdicts,
]);

/** What an ICMPv6 echo request is answered with: unreachable, time exceeded, echo reply (RFC 4443). Only without extension headers. */
export const echoAnswers: readonly BpfInstruction[] = assemble([
  load16(12),
  equals(0x86dd, { no: "drop" }),
  load8(20),
  equals(58, { no: "drop" }),
  load8(54),
  equals(1, { yes: "keep" }),
  equals(3, { yes: "keep" }),
  equals(129, { yes: "keep", no: "drop" }),
  ...verdicts,
]);

/** The kernel's own knowledge of a frame (SKF_AD_OFF + SKF_AD_PKTTYPE of linux/filter.h); 4 is PACKET_OUTGOING of linux/if_packet.h. */
const packetType = load32(0xfffff004);
const outgoing = 4;
/** Headers tell what a frame is; the rest is not copied. */
const keepHeaders: BpfInstruction = { code: 0x06, jt: 0, jf: 0, k: 128 };
/** The last four octets of the Ethernet source. */
const sourceTail = load32(8);
const skip = (k: number): BpfInstruction => ({ code: 0x05, jt: 0, jf: 0, k });

/** Of what this host sends: ARP. For a socket that hears it. */
export const leavingArp: readonly BpfInstruction[] = assemble([
  packetType,
  equals(outgoing, { no: "drop" }),
  load16(12),
  equals(0x0806, { no: "drop" }),
  "keep",
  keepHeaders,
  "drop",
  drop,
]);

/** MACs in one list of comparisons; more lists make a longer way, longer lists a longer program. */
const MACS_IN_LIST = 8;

/**
 * Of what this host sends: what has none of these MACs as its source. They are found by halves, as a thousand identities may send at wire speed. Their last
 * four octets are compared: a stranger that shares them with one of the list is not heard.
 */
export function leavingUnderOthers(macs: readonly Mac[]): readonly BpfInstruction[] {
  const tails = [...new Set(macs.map((mac) => new DataView(macToBytes(mac).buffer).getUint32(2)))];
  return [
    packetType,
    { code: 0x15, jt: 1, jf: 0, k: outgoing },
    drop,
    sourceTail,
    ...unlessIn(tails.sort((a, b) => a - b)),
  ];
}

/** Distances of conditional jumps are one octet: far ones are jumps of their own. */
function unlessIn(sorted: readonly number[]): readonly BpfInstruction[] {
  if (sorted.length <= MACS_IN_LIST)
    return [
      ...sorted.map((k, i) => ({ code: 0x15, jt: sorted.length - i, jf: 0, k })),
      keepHeaders,
      ...(sorted.length > 0 ? [drop] : []),
    ];
  const middle = sorted.length >> 1;
  const [lower, upper] = [unlessIn(sorted.slice(0, middle)), unlessIn(sorted.slice(middle))];
  // At least: on to the jump.
  return [{ code: 0x35, jt: 0, jf: 1, k: sorted[middle] ?? 0 }, skip(lower.length), ...lower, ...upper];
}
