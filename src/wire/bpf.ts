/** Classic BPF programs (Linux `struct sock_filter`) that pick frames before they reach us. */
import { type Mac, macToBytes } from "../base/mac.ts";

/** code, jump if true, jump if false, constant. */
export interface BpfInstruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

const load8 = (k: number): BpfInstruction => ({ code: 0x30, jt: 0, jf: 0, k });
const load16 = (k: number): BpfInstruction => ({ code: 0x28, jt: 0, jf: 0, k });
/** Indexed by the IPv4 header length of the frame. */
const load16AfterIpHeader = (k: number): BpfInstruction => ({ code: 0x48, jt: 0, jf: 0, k });
const ipHeaderLength: BpfInstruction = { code: 0xb1, jt: 0, jf: 0, k: 14 };
const keep: BpfInstruction = { code: 0x06, jt: 0, jf: 0, k: 0x40000 };
const drop: BpfInstruction = { code: 0x06, jt: 0, jf: 0, k: 0 };

/** A comparison with what was loaded; where to go, or on to the next line. */
interface Jump {
  readonly code: number;
  readonly k: number;
  readonly yes?: string;
  readonly no?: string;
}
const equals = (k: number, to: Pick<Jump, "yes" | "no">): Jump => ({ code: 0x15, k, ...to });
const hasAnyOf = (k: number, to: Pick<Jump, "yes" | "no">): Jump => ({ code: 0x45, k, ...to });

/** A text is the name of the line after it. */
type Line = BpfInstruction | Jump | string;

/** Names become distances; jumps only go forward. */
function assemble(lines: readonly Line[]): readonly BpfInstruction[] {
  const places = new Map<string, number>();
  const instructions: (BpfInstruction | Jump)[] = [];
  for (const line of lines) {
    if (typeof line === "string") places.set(line, instructions.length);
    else instructions.push(line);
  }
  return instructions.map((line, at) => {
    if ("jt" in line) return line;
    const distance = (name: string | undefined): number =>
      name === undefined ? 0 : (places.get(name) ?? Number.NaN) - at - 1;
    return { code: line.code, jt: distance(line.yes), jf: distance(line.no), k: line.k };
  });
}

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

const verdicts: readonly Line[] = ["keep", keep, "drop", drop];

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
const packetType: BpfInstruction = { code: 0x20, jt: 0, jf: 0, k: 0xfffff004 };
const outgoing = 4;
/** Headers tell what a frame is; the rest is not copied. */
const keepHeaders: BpfInstruction = { code: 0x06, jt: 0, jf: 0, k: 128 };
/** The last four octets of the Ethernet source. */
const sourceTail: BpfInstruction = { code: 0x20, jt: 0, jf: 0, k: 8 };
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
