/** Keeps the devices' short way as the plan wants it: what ends goes ahead of a pass, what begins comes behind it, and a whole pass makes all of it anew. */
import type { Cidr4 } from "../../base/cidr4.ts";
import type { Mac } from "../../base/mac.ts";
import { identityName, translatorName } from "../../plan/marks.ts";
import type { ResourceMap } from "../../plan/resource.ts";
import {
  renderBegin,
  renderEnd,
  renderForget,
  renderShortWays,
  type ShortWay,
  shortWaysOf,
  shortWayTable,
} from "../../plan/short-ways.ts";
import type { Kernel } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";
import { outcomeOf } from "../reconcile/outcome.ts";
import type { Pass } from "../reconcile/reconciler.ts";
import { KnownWays } from "./known-ways.ts";
import { NetdevTable, removeTable } from "./netdev-table.ts";

export interface ShortWayParts {
  readonly kernel: Pick<Kernel, "nft">;
  readonly log: Log;
  /** False: there is to be none. */
  readonly wanted: boolean;
  readonly lanPort: string;
  readonly wanPort: string;
  readonly lan: Cidr4;
}

/** So many devices to a transaction, by family: without rights over the whole machine there is room for some 200 KB, of which chains take more. */
const portions = { 4: 512, 6: 64 } as const;
const families = [4, 6] as const;

export class ShortWayTable {
  readonly #parts: ShortWayParts;
  readonly #table: NetdevTable;
  readonly #known = new KnownWays();
  #translator = false;

  constructor(parts: ShortWayParts) {
    this.#parts = parts;
    const lacking = "datagrams have no short way: the kernel has none, or a port is not there";
    this.#table = new NetdevTable({ ...parts, table: shortWayTable, lacking });
  }

  /** Before each pass: no datagram is to take a way of which the pass takes a part away. */
  planned({ desired, macs }: Pick<Pass, "desired" | "macs">): void {
    if (!this.#parts.wanted) return;
    const now = shortWaysOf(desired, this.#parts.lan);
    this.#table.next(() => this.#end(this.#known.ended(now, macs && namesOf(macs))));
  }

  /** After it. An identity that could not be made has no way. */
  passed(pass: Pick<Pass, "desired" | "macs" | "failures">): void {
    if (!this.#parts.wanted) {
      this.#table.next(() => this.#table.remove());
      return;
    }
    const { desired, macs } = pass;
    const { present } = outcomeOf(pass);
    const now = shortWaysOf(desired, this.#parts.lan).filter(({ ifname }) => present(ifname));
    this.#table.next(() => (macs ? this.#changeSome(namesOf(macs), now) : this.#make(now, desired)));
  }

  /** The next network may be another one: what was written down of this one is forgotten. */
  linkLost(): void {
    this.#table.next(() => this.#table.change(renderForget(this.#translator)));
  }

  /** Resolves when all is done that was asked for. */
  settled(): Promise<void> {
    return this.#table.settled();
  }

  /** With its ports the chains go too, identities that were made anew have other numbers, and others may have taken it away. */
  async #make(now: readonly ShortWay[], desired: ResourceMap): Promise<void> {
    const { lanPort, wanPort, lan } = this.#parts;
    this.#translator = hasTranslator(desired);
    this.#known.clear();
    await this.#table.make(renderShortWays({ lanPort, wanPort, lan, translator: this.#translator }));
    await this.#begin(now);
  }

  async #changeSome(ifnames: readonly string[], now: readonly ShortWay[]): Promise<void> {
    const begun = now.filter((way) => !this.#known.has(way));
    await this.#end([...this.#known.ended(now, ifnames), ...this.#known.rivals(begun)]);
    await this.#begin(begun);
  }

  async #end(ended: readonly ShortWay[]): Promise<void> {
    const once = [...new Set(ended)];
    this.#known.remove(once);
    await this.#table.change(renderEnd(once));
  }

  async #begin(begun: readonly ShortWay[]): Promise<void> {
    for (const family of this.#translator ? families : ([4] as const)) {
      const ways = begun.filter((way) => way.family === family);
      for (let n = 0; n < ways.length; n += portions[family])
        await this.#add(ways.slice(n, n + portions[family]));
    }
  }

  async #add(ways: readonly ShortWay[]): Promise<void> {
    if (!this.#table.isThere) return;
    this.#known.add(ways);
    await this.#table.change(renderBegin(ways));
  }
}

const namesOf = (macs: Iterable<Mac>): string[] => [...macs].map(identityName);

/** A tun device alone: how frames come from another kind of interface is not known to work. */
function hasTranslator(desired: ResourceMap): boolean {
  const tunnel = desired.get(`tunnel ${translatorName}`);
  return tunnel?.kind === "tunnel" && tunnel.medium === undefined;
}

/** There may be none, and a kernel that knows no such tables. */
export const removeShortWays = (kernel: Pick<Kernel, "nft">): Promise<void> =>
  removeTable(kernel, shortWayTable);
