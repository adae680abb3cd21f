/** Keeps the translated devices' short way as the plan wants it; what it saves is time, and without it nothing is lost. */
import { translatorName } from "../../plan/marks.ts";
import {
  namesOf,
  renderChanges,
  renderShortWays,
  type ShortWay,
  shortWaysOf,
  shortWayTable,
} from "../../plan/short-ways.ts";
import type { Kernel } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";
import type { Pass } from "../reconcile/reconciler.ts";
import { removal, removeTable } from "../uplink/netdev-table.ts";

export interface ShortWayParts {
  readonly kernel: Pick<Kernel, "nft">;
  readonly log: Log;
  readonly wanPort: string;
}

export class ShortWayTable {
  readonly #parts: ShortWayParts;
  #turn: Promise<void> = Promise.resolve();
  /** As they are in the kernel; undefined: there may be a table of an earlier run. */
  #ways: Map<string, ShortWay> | undefined;
  #isThere = false;
  #told = false;

  constructor(parts: ShortWayParts) {
    this.#parts = parts;
  }

  /** After each pass. A tun device alone: how frames come from another kind of interface is not known to work. */
  passed({ desired, macs }: Pick<Pass, "desired" | "macs">): void {
    const tunnel = desired.get(`tunnel ${translatorName}`);
    const isWanted = macs || (tunnel?.kind === "tunnel" && tunnel.medium === undefined);
    if (!isWanted) {
      this.#next(() => this.#remove());
      return;
    }
    const now = shortWaysOf(desired);
    this.#next(() => (macs ? this.#change(namesOf(macs), now) : this.#make(now)));
  }

  /** The next network may be another one: what was written down of this one is forgotten. */
  linkLost(): void {
    this.#next(async () => {
      if (this.#isThere) await this.#try(`flush set ${shortWayTable} flows\n`);
    });
  }

  /** Resolves when all is done that was asked for. */
  settled(): Promise<void> {
    return this.#turn;
  }

  #next(task: () => Promise<void>): void {
    this.#turn = this.#turn.then(task);
  }

  /** With each whole look: with its ports the chains go too, identities that were made anew have other numbers, and others may have taken it away. */
  async #make(ways: ReadonlyMap<string, ShortWay>): Promise<void> {
    this.#ways = new Map(ways);
    this.#isThere = true;
    await this.#try(removal(shortWayTable) + renderShortWays(this.#parts.wanPort, ways));
  }

  async #change(ifnames: readonly string[], now: ReadonlyMap<string, ShortWay>): Promise<void> {
    const ways = this.#ways;
    if (!this.#isThere || !ways) return;
    const script = renderChanges(ifnames, ways, now);
    for (const ifname of ifnames) {
      const way = now.get(ifname);
      if (way) ways.set(ifname, way);
      else ways.delete(ifname);
    }
    if (script !== "") await this.#try(script);
  }

  async #remove(): Promise<void> {
    if (this.#ways && !this.#isThere) return;
    this.#ways = new Map();
    this.#isThere = false;
    await removeShortWays(this.#parts.kernel);
  }

  /** What cannot be kept right must not be there at all. */
  async #try(script: string): Promise<void> {
    try {
      await this.#parts.kernel.nft(script);
    } catch {
      await this.#remove();
      if (!this.#told) this.#parts.log.info("translated datagrams have no short way: the kernel has none");
      this.#told = true;
    }
  }
}

/** There may be none, and a kernel that knows no such tables. */
export const removeShortWays = (kernel: Pick<Kernel, "nft">): Promise<void> =>
  removeTable(kernel, shortWayTable);
