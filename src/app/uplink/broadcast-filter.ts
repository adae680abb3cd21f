/**
 * Keeps ARP requests for others away from the identities. The kernel hands a copy of each broadcast to each of them: with a thousand, a segment on which
 * a thousand stations are asked for in a second costs a million copies. What we hear ourselves is taken from the port before that.
 */
import type { Ip4 } from "../../base/ip4.ts";
import { nftTable } from "../../plan/marks.ts";
import type { ResourceMap } from "../../plan/resource.ts";
import type { Kernel } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";
import { removal, removeTable } from "./netdev-table.ts";

const table = `netdev ${nftTable.name}_heard`;

const elements = (addresses: readonly Ip4[]): string =>
  addresses.length === 0 ? "" : `    elements = { ${addresses.join(", ")} }\n`;

const filter = (port: string, held: readonly Ip4[]): string => `${removal(table)}table ${table} {
  set held {
    type ipv4_addr
${elements(held)}  }
  chain heard {
    type filter hook ingress device ${JSON.stringify(port)} priority filter; policy accept;
    arp operation request arp daddr ip != @held drop
  }
}
`;

export interface BroadcastFilterParts {
  readonly kernel: Pick<Kernel, "nft">;
  readonly log: Log;
  readonly wanPort: string;
  /** Whether the port has no address of its own for which it could be asked. */
  readonly silent: boolean;
}

export class BroadcastFilter {
  readonly #parts: BroadcastFilterParts;
  #turn: Promise<void> = Promise.resolve();
  #isMade = false;
  /** Those that are let through since the table was made. */
  #held = new Set<Ip4>();
  #told = false;

  constructor(parts: BroadcastFilterParts) {
    this.#parts = parts;
  }

  /** After each pass. `desired`: everything after a whole one, what some devices have after others; an address that is let through in vain does no harm. */
  passed(desired: ResourceMap, whole: boolean): void {
    if (!this.#parts.silent) return;
    const held = [...desired.values()].flatMap((r) =>
      r.kind === "element" && r.set === "held4" ? [r.key as Ip4] : [],
    );
    if (whole) this.#next(() => this.#make(held));
    else if (held.length > 0) this.#next(() => this.#add(held));
  }

  /** Resolves when all is done that was asked for. */
  settled(): Promise<void> {
    return this.#turn;
  }

  #next(task: () => Promise<void>): void {
    this.#turn = this.#turn.then(task);
  }

  /** Made anew with each whole look: with its port the chain goes too, and others may have taken it away. */
  async #make(held: readonly Ip4[]): Promise<void> {
    const { kernel, wanPort, log } = this.#parts;
    try {
      await kernel.nft(filter(wanPort, held));
      this.#isMade = true;
      this.#held = new Set(held);
    } catch {
      this.#isMade = false;
      await removeBroadcastFilter(kernel);
      if (!this.#told) log.info("broadcasts are not filtered: the kernel cannot, or the port is not there");
      this.#told = true;
    }
  }

  /** An address that cannot be let through must not be shut out. */
  async #add(held: readonly Ip4[]): Promise<void> {
    const added = held.filter((ip) => !this.#held.has(ip));
    if (!this.#isMade || added.length === 0) return;
    const { kernel } = this.#parts;
    try {
      await kernel.nft(`add element ${table} held { ${added.join(", ")} }\n`);
      for (const ip of added) this.#held.add(ip);
    } catch {
      this.#isMade = false;
      await removeBroadcastFilter(kernel);
    }
  }
}

/** There may be none, and a kernel that knows no such tables. */
export const removeBroadcastFilter = (kernel: Pick<Kernel, "nft">): Promise<void> =>
  removeTable(kernel, table);
