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
const jumpIfEqual = (k: number, jt: number, jf: number): BpfInstruction => ({ code: 0x15, jt, jf, k });
const jumpIfAny = (k: number, jt: number, jf: number): BpfInstruction => ({ code: 0x45, jt, jf, k });
const keep: BpfInstruction = { code: 0x06, jt: 0, jf: 0, k: 0x40000 };
const drop: BpfInstruction = { code: 0x06, jt: 0, jf: 0, k: 0 };

/** All ARP, and unfragmented IPv4 UDP to `udpPort`: 68 to hear servers, 67 to hear clients. */
export const arpOrUdpTo = (udpPort: number): readonly BpfInstruction[] => [
  load16(12),
  jumpIfEqual(0x0806, 8, 0),
  jumpIfEqual(0x0800, 0, 8),
  load8(23),
  jumpIfEqual(17, 0, 6),
  load16(20),
  jumpIfAny(0x1fff, 4, 0),
  ipHeaderLength,
  load16AfterIpHeader(16),
  jumpIfEqual(udpPort, 0, 1),
  keep,
  drop,
];
