/**
 * Keeps what one station sends to all away from the identities that it does not concern. The kernel asks each of them about every such frame, and hands
 * copies on: with a thousand, a segment on which a thousand stations are asked for in a second costs a million copies. Questions for an identity go to
 * that one alone, what no identity listens to is dropped. What we hear ourselves is taken from the port before that.
 */
import type { Ip4 } from "../../base/ip4.ts";
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import { type Asked, askedIn, heardTable, renderHeard, renderMoreHeard } from "../../plan/heard.ts";
import type { ResourceMap } from "../../plan/resource.ts";
import type { Kernel } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";
import { NetdevTable, removeTable } from "./netdev-table.ts";

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
  /** Those that have been told since the table was made. */
  readonly #held = new Map<Ip4, Mac>();
  readonly #likeMade = new Set<Ip6>();

  constructor(parts: BroadcastFilterParts) {
    this.#parts = parts;
    const lacking = "broadcasts are not filtered: the kernel cannot, or the port is not there";
    this.#table = new NetdevTable({ ...parts, table: heardTable, lacking });
  }

  /** After each pass. `desired`: everything after a whole one, what some devices have after others; an address that is told in vain does no harm. */
  passed(desired: ResourceMap, whole: boolean): void {
    if (!this.#parts.silent) {
      this.#table.next(() => this.#table.remove());
      return;
    }
    const asked = askedIn(desired);
    this.#table.next(() => (whole ? this.#make(asked) : this.#add(asked)));
  }

  /** Resolves when all is done that was asked for. */
  settled(): Promise<void> {
    return this.#table.settled();
  }

  /** Made anew with each whole look: with its port the chain goes too, and others may have taken it away. */
  async #make(asked: Asked): Promise<void> {
    this.#held.clear();
    this.#likeMade.clear();
    this.#remember(asked);
    await this.#table.make(renderHeard(this.#parts.wanPort, asked));
  }

  /** An address that cannot be told must not be shut out. */
  async #add(asked: Asked): Promise<void> {
    const held = new Map([...asked.held].filter(([ip, mac]) => this.#held.get(ip) !== mac));
    const moved = [...held.keys()].filter((ip) => this.#held.has(ip));
    const likeMade = [...asked.likeMade].filter((ip) => !this.#likeMade.has(ip));
    this.#remember({ held, likeMade });
    await this.#table.change(renderMoreHeard({ held, likeMade }, moved));
  }

  #remember({ held, likeMade }: Asked): void {
    for (const [ip, mac] of held) this.#held.set(ip, mac);
    for (const ip of likeMade) this.#likeMade.add(ip);
  }
}

/** There may be none, and a kernel that knows no such tables. */
export const removeBroadcastFilter = (kernel: Pick<Kernel, "nft">): Promise<void> =>
  removeTable(kernel, heardTable);
