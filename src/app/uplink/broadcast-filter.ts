/**
 * Keeps ARP requests for others away from the identities. The kernel hands a copy of each broadcast to each of them: with a thousand, a segment on which
 * a thousand stations are asked for in a second costs a million copies. What we hear ourselves is taken from the port before that.
 */
import type { Ip4 } from "../../base/ip4.ts";
import { nftTable } from "../../plan/marks.ts";
import type { ResourceMap } from "../../plan/resource.ts";
import type { Kernel } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";
import { NetdevTable, removeTable } from "./netdev-table.ts";

const table = `netdev ${nftTable.name}_heard`;

const elements = (addresses: readonly Ip4[]): string =>
  addresses.length === 0 ? "" : `    elements = { ${addresses.join(", ")} }\n`;

const filter = (port: string, held: readonly Ip4[]): string => `table ${table} {
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
  readonly #table: NetdevTable;
  /** Those that are let through since the table was made. */
  #held = new Set<Ip4>();

  constructor(parts: BroadcastFilterParts) {
    this.#parts = parts;
    const lacking = "broadcasts are not filtered: the kernel cannot, or the port is not there";
    this.#table = new NetdevTable({ ...parts, table, lacking });
  }

  /** After each pass. `desired`: everything after a whole one, what some devices have after others; an address that is let through in vain does no harm. */
  passed(desired: ResourceMap, whole: boolean): void {
    if (!this.#parts.silent) return;
    const held = [...desired.values()].flatMap((r) =>
      r.kind === "element" && r.set === "held4" ? [r.key as Ip4] : [],
    );
    if (whole) this.#table.next(() => this.#make(held));
    else if (held.length > 0) this.#table.next(() => this.#add(held));
  }

  /** Resolves when all is done that was asked for. */
  settled(): Promise<void> {
    return this.#table.settled();
  }

  /** Made anew with each whole look: with its port the chain goes too, and others may have taken it away. */
  async #make(held: readonly Ip4[]): Promise<void> {
    this.#held = new Set(held);
    await this.#table.make(filter(this.#parts.wanPort, held));
  }

  /** An address that cannot be let through must not be shut out. */
  async #add(held: readonly Ip4[]): Promise<void> {
    const added = held.filter((ip) => !this.#held.has(ip));
    if (added.length === 0) return;
    for (const ip of added) this.#held.add(ip);
    await this.#table.change(`add element ${table} held { ${added.join(", ")} }\n`);
  }
}

/** There may be none, and a kernel that knows no such tables. */
export const removeBroadcastFilter = (kernel: Pick<Kernel, "nft">): Promise<void> =>
  removeTable(kernel, table);
