/** The WAN port itself: its cable, and its own addresses where it is a host of its own. */
import { messageOf } from "../../base/errors.ts";
import { hasCarrier } from "../../plan/port-state.ts";
import type { Kernel } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";

export interface WanPortParts {
  readonly kernel: Kernel;
  readonly log: Log;
  readonly wanPort: string;
  readonly onCarrier: (carrier: boolean) => void;
  /** Other addresses than before, none of them our doing: with prefix lengths, in a fixed order. */
  readonly onAddresses: (now: readonly string[], was: readonly string[]) => void;
}

interface Shown {
  readonly flags?: readonly string[];
  readonly addr_info?: readonly {
    readonly local?: string;
    readonly prefixlen?: number;
    readonly scope?: string;
  }[];
}

export class WanPort {
  readonly #parts: WanPortParts;
  #carrier = true;
  #addresses: readonly string[] | undefined;
  #looking = false;

  constructor(parts: WanPortParts) {
    this.#parts = parts;
  }

  get carrier(): boolean {
    return this.#carrier;
  }

  /** Compares with what was there at the last look; the first look only remembers. Never throws. */
  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const { kernel, log, wanPort } = this.#parts;
    try {
      const [shown] = (await kernel.ipJson(["address", "show", "dev", wanPort])) as Shown[];
      if (shown) this.#compare(shown);
    } catch (thrown) {
      log.debug(`the WAN port cannot be looked at: ${messageOf(thrown)}`);
    } finally {
      this.#looking = false;
    }
  }

  #compare({ flags = [], addr_info = [] }: Shown): void {
    // A port that is down is about to be set up, which is no change of the network.
    if (flags.includes("UP")) this.setCarrier(hasCarrier(flags));
    const was = this.#addresses;
    const now = addr_info
      .filter((a) => a.scope !== "link" && a.local !== undefined)
      .map((a) => `${a.local}/${a.prefixlen ?? 0}`)
      .sort();
    this.#addresses = now;
    if (was && `${was}` !== `${now}`) this.#parts.onAddresses(now, was);
  }

  /** What a kernel event told. */
  setCarrier(carrier: boolean): void {
    if (carrier === this.#carrier) return;
    this.#carrier = carrier;
    this.#parts.onCarrier(carrier);
  }
}
