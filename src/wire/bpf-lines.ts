/** Classic BPF (Linux `struct sock_filter`), line by line. */

/** code, jump if true, jump if false, constant. */
export interface BpfInstruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

export const load8 = (k: number): BpfInstruction => ({ code: 0x30, jt: 0, jf: 0, k });
export const load16 = (k: number): BpfInstruction => ({ code: 0x28, jt: 0, jf: 0, k });
export const load32 = (k: number): BpfInstruction => ({ code: 0x20, jt: 0, jf: 0, k });
/** Indexed by the IPv4 header length of the frame. */
export const load16AfterIpHeader = (k: number): BpfInstruction => ({ code: 0x48, jt: 0, jf: 0, k });
export const ipHeaderLength: BpfInstruction = { code: 0xb1, jt: 0, jf: 0, k: 14 };
export const keep: BpfInstruction = { code: 0x06, jt: 0, jf: 0, k: 0x40000 };
export const drop: BpfInstruction = { code: 0x06, jt: 0, jf: 0, k: 0 };

/** A comparison with what was loaded; where to go, or on to the next line. */
interface Jump {
  readonly code: number;
  readonly k: number;
  readonly yes?: string;
  readonly no?: string;
}
export const equals = (k: number, to: Pick<Jump, "yes" | "no">): Jump => ({ code: 0x15, k, ...to });
export const hasAnyOf = (k: number, to: Pick<Jump, "yes" | "no">): Jump => ({ code: 0x45, k, ...to });

/** A text is the name of the line after it. */
export type Line = BpfInstruction | Jump | string;

/** Names become distances; jumps only go forward. */
export function assemble(lines: readonly Line[]): readonly BpfInstruction[] {
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

/** Where a program ends. */
export const verdicts: readonly Line[] = ["keep", keep, "drop", drop];
