/** What leaves an interface, by the MAC under which it leaves. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Mac, macFromBytes } from "../../base/mac.ts";
import type { PacketLinks } from "../../ports/packet-link.ts";
import { leavingArp, leavingUnderOthers } from "../../wire/bpf.ts";
import { frameKind } from "../../wire/frame-kind.ts";

export interface Stranger {
  readonly mac: Mac;
  readonly what: string;
  readonly frames: number;
}

export interface Leaving<T> {
  readonly result: T;
  readonly seconds: number;
  readonly strangers: readonly Stranger[];
  /** MACs under which ARP left. */
  readonly spoke: ReadonlySet<Mac>;
}

const sourceAt = 6;
/** A flood must not fill the memory with its kinds. */
const mostKinds = 50;

/**
 * Listens while a task runs, and for `leastMs` at least. Links must hear what this host sends. Drivers and sockets that pass by the kernel's
 * taps (XDP, PACKET_QDISC_BYPASS) are not heard. Errors: as of PacketLinks.open, and the task's.
 * @param known MACs that may speak
 */
export async function hearLeaving<T>(
  links: PacketLinks,
  ifname: string,
  known: readonly Mac[],
  leastMs: number,
  task: () => Promise<T>,
): Promise<Leaving<T>> {
  const kinds = new Map<string, { mac: Mac; what: string; frames: number }>();
  const spoke = new Set<Mac>();
  const stranger = (frame: Uint8Array): void => {
    const [mac, what] = [macFromBytes(frame, sourceAt), frameKind(frame)];
    const kind = kinds.get(`${mac} ${what}`);
    if (kind) kind.frames++;
    else if (kinds.size < mostKinds) kinds.set(`${mac} ${what}`, { mac, what, frames: 1 });
  };
  const arp = await links.open(ifname, leavingArp, (frame) => void spoke.add(macFromBytes(frame, sourceAt)));
  try {
    const others = await links.open(ifname, leavingUnderOthers(known), stranger);
    try {
      const [result] = await Promise.all([task(), sleep(leastMs)]);
      return { result, seconds: leastMs / 1000, strangers: [...kinds.values()], spoke };
    } finally {
      await others.close();
    }
  } finally {
    await arp.close();
  }
}
