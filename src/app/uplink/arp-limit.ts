/**
 * A limit on all ARP that leaves the WAN port. The kernel answers routers that check their neighbours, and asks for stations on the segment, in
 * the name of each identity by itself: with hundreds of them talking that is hundreds of frames in one second. What is dropped is asked again.
 */
import { messageOf } from "../../base/errors.ts";
import { nftTable } from "../../plan/marks.ts";
import type { Kernel, KernelEvent } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";
import type { Rate } from "./lane.ts";
import { removal, removeTable } from "./netdev-table.ts";

const table = `netdev ${nftTable.name}`;

/** Tells what it limits, so that the same one of an earlier run is left alone. */
const chainOf = (port: string, { perSecond, burst }: Rate): string =>
  `arp_${perSecond}_${burst}_${[...port].map((letter) => letter.charCodeAt(0).toString(16)).join("")}`;

const limit = (port: string, rate: Rate): string => `${removal(table)}table ${table} {
  chain ${chainOf(port, rate)} {
    type filter hook egress device ${JSON.stringify(port)} priority filter; policy accept;
    ether type arp limit rate over ${rate.perSecond}/second burst ${rate.burst} packets counter drop
  }
}
`;

export interface ArpLimitParts {
  readonly kernel: Pick<Kernel, "nft" | "nftJson">;
  readonly log: Log;
  readonly wanPort: string;
  /** Absent: no limit, and one of an earlier run goes. */
  readonly rate: Rate | undefined;
}

export class ArpLimit {
  readonly #parts: ArpLimitParts;
  #isGone = false;

  constructor(parts: ArpLimitParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const { kernel, wanPort, rate } = this.#parts;
    const there = await chainsOf(kernel);
    const wanted = rate ? [chainOf(wanPort, rate)] : [];
    if (there.join() === wanted.join()) return;
    if (rate) await this.#make(rate);
    else await removeArpLimit(kernel);
  }

  async #make(rate: Rate): Promise<void> {
    const { kernel, wanPort } = this.#parts;
    try {
      await kernel.nft(limit(wanPort, rate));
    } catch (thrown) {
      this.#parts.log.warn(
        `ARP of the kernel is not limited to ${rate.perSecond + rate.burst} frames a second: ${messageOf(thrown)}`,
      );
    }
  }

  /** A chain goes with its port, on some kernels for good. */
  kernelEvent(event: KernelEvent): void {
    const { wanPort, rate } = this.#parts;
    if (!rate || event.kind !== "link" || event.ifname !== wanPort) return;
    if (this.#isGone && !event.gone) void this.#make(rate);
    this.#isGone = event.gone;
  }
}

/** Of the limits that there are; none where the kernel knows no such tables. */
async function chainsOf(kernel: Pick<Kernel, "nftJson">): Promise<readonly string[]> {
  const answer = await kernel.nftJson(["list", "table", ...table.split(" ")]).catch(() => undefined);
  const entries = (answer as { readonly nftables?: readonly Entry[] } | undefined)?.nftables ?? [];
  return entries.flatMap(({ chain }) => (chain ? [chain.name] : []));
}

interface Entry {
  readonly chain?: { readonly name: string };
}

/** There may be none, and a kernel that knows no such tables. */
export const removeArpLimit = (kernel: Pick<Kernel, "nft">): Promise<void> => removeTable(kernel, table);
