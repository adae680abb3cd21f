import type { BpfInstruction } from "./bpf-lines.ts";

/** Runs the instructions these programs use as the kernel does: a load past the end drops, `ret k` keeps k bytes. */
export function runBpf(program: readonly BpfInstruction[], frame: Uint8Array, packetType = 0): number {
  let a = 0;
  let x = 0;
  for (let pc = 0; ; pc++) {
    const at = program[pc];
    if (at === undefined) throw new Error(`runs off the end at ${pc}`);
    const load = (offset: number, size: number): number | undefined =>
      offset + size > frame.length
        ? undefined
        : frame.subarray(offset, offset + size).reduce((n, byte) => n * 256 + byte, 0);
    let loaded: number | undefined;
    switch (at.code) {
      case 0x30:
        loaded = load(at.k, 1);
        break;
      case 0x28:
        loaded = load(at.k, 2);
        break;
      case 0x48:
        loaded = load(x + at.k, 2);
        break;
      case 0xb1: {
        const byte = load(at.k, 1);
        if (byte === undefined) return 0;
        x = (byte & 15) * 4;
        continue;
      }
      case 0x20:
        loaded = at.k === 0xfffff004 ? packetType : load(at.k, 4);
        break;
      case 0x05:
        pc += at.k;
        continue;
      case 0x35:
        pc += a >= at.k ? at.jt : at.jf;
        continue;
      case 0x15:
        pc += a === at.k ? at.jt : at.jf;
        continue;
      case 0x45:
        pc += (a & at.k) !== 0 ? at.jt : at.jf;
        continue;
      case 0x06:
        return at.k;
      default:
        throw new Error(`unknown code 0x${at.code.toString(16)} at ${pc}`);
    }
    if (loaded === undefined) return 0;
    a = loaded;
  }
}
