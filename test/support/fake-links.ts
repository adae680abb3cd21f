/** ports/PacketLinks without a network: the test is the wire. Filters run as in the kernel. */
import { GatewayError } from "../../src/base/errors.ts";
import type { Mac } from "../../src/base/mac.ts";
import type { PacketLink, PacketLinks } from "../../src/ports/packet-link.ts";
import type { BpfInstruction } from "../../src/wire/bpf.ts";

interface Open {
  readonly ifname: string;
  readonly filter: readonly BpfInstruction[];
  readonly onFrame: (frame: Uint8Array) => void;
}

export class FakeLinks implements PacketLinks {
  readonly #open = new Set<Open>();
  /** Everything that was sent. */
  readonly sent: { readonly ifname: string; readonly frame: Uint8Array }[] = [];
  /** MACs whose frames a port is to take in. */
  readonly listening = new Set<Mac>();
  /** Sees each frame as it leaves. */
  onSend: (ifname: string, frame: Uint8Array) => void = () => {};
  /** Makes the next sends fail with this message. */
  down: string | undefined;

  async open(
    ifname: string,
    filter: readonly BpfInstruction[],
    onFrame: (frame: Uint8Array) => void,
  ): Promise<PacketLink> {
    const link: Open = { ifname, filter, onFrame };
    this.#open.add(link);
    return {
      ifname,
      send: (frame) => {
        if (!this.#open.has(link)) throw new Error(`send on a closed link of ${ifname}`);
        if (this.down !== undefined) throw new GatewayError("send-failed", "network", this.down);
        this.sent.push({ ifname, frame });
        this.onSend(ifname, frame);
      },
      listenFor: (mac) => void this.listening.add(mac),
      listenNoMore: (mac) => void this.listening.delete(mac),
      close: async () => {
        this.#open.delete(link);
      },
    };
  }

  /** A frame comes in on a port; tells how many sockets took it. */
  deliver(ifname: string, frame: Uint8Array): number {
    const takers = [...this.#open].filter((l) => l.ifname === ifname && accepts(l.filter, frame));
    for (const taker of takers) taker.onFrame(frame);
    return takers.length;
  }
}

/** Classic BPF as far as src/wire/bpf.ts uses it; a load past the end drops. */
function accepts(program: readonly BpfInstruction[], frame: Uint8Array): boolean {
  let a = 0;
  let x = 0;
  for (let pc = 0; ; pc++) {
    const { code, jt, jf, k } = program[pc] ?? { code: -1, jt: 0, jf: 0, k: 0 };
    const at = code === 0x48 ? x + k : k;
    const size = code === 0x28 || code === 0x48 ? 2 : 1;
    const loads = [0x28, 0x30, 0x48, 0xb1].includes(code);
    if (loads && at + size > frame.length) return false;
    const loaded = frame.subarray(at, at + size).reduce((n, byte) => n * 256 + byte, 0);
    if (code === 0x28 || code === 0x30 || code === 0x48) a = loaded;
    else if (code === 0xb1) x = (loaded & 15) * 4;
    else if (code === 0x15) pc += a === k ? jt : jf;
    else if (code === 0x45) pc += (a & k) !== 0 ? jt : jf;
    else if (code === 0x06) return k > 0;
    else throw new Error(`unknown BPF code ${code}`);
  }
}
