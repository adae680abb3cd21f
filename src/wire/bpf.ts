/** Classic BPF programs (Linux `struct sock_filter`) that pick frames before they reach us. */

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
