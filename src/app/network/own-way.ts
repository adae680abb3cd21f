/** Whether the gateway's own IPv4 traffic finds a way past the silent WAN port. IPv6 has no routes there that could mislead it. */
import { type Instant, instant, plus, seconds } from "../../base/time.ts";
import { rulePreferences } from "../../plan/marks.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Kernel } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";

export interface OwnWayParts {
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly log: Log;
  readonly wanPort: string;
  /** Whether an identity is lent to that traffic: before, the port is no worse than no way at all. */
  readonly lends: () => boolean;
  /** What is wrong, in a sentence; undefined: nothing any more. */
  readonly onTrouble: (sentence: string | undefined) => void;
}

/** A host beyond every network of ours (RFC 7723); it is never spoken to. */
const far = "192.0.0.9";
const pause = seconds(10);

export class OwnWay {
  readonly #parts: OwnWayParts;
  #nextAt: Instant = instant(0);
  #trouble: string | undefined;
  #timer: Cancel | undefined;
  #stopped = false;

  constructor(parts: OwnWayParts) {
    this.#parts = parts;
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  /** Asks the kernel where such traffic would go, at most every 10 s; by itself as long as something is wrong. Never throws. */
  async look(): Promise<void> {
    const { kernel, clock, wanPort, lends } = this.#parts;
    if (!lends()) return this.#tell(undefined);
    if (clock.now() < this.#nextAt) return;
    this.#nextAt = plus(clock.now(), pause);
    // Without any way there is no answer, which is nobody's rule.
    const [route] = (await kernel.ipJson(["-4", "route", "get", far]).catch(() => [])) as {
      readonly dev?: string;
    }[];
    this.#tell(
      route?.dev === wanPort
        ? `The gateway's own IPv4 traffic is lost: a routing rule ahead of ${rulePreferences.ownMain} sends it through ${wanPort}, which is silent (see "ip rule")`
        : undefined,
    );
    this.#timer?.();
    if (this.#trouble && !this.#stopped) this.#timer = clock.after(pause, () => void this.look());
  }

  #tell(trouble: string | undefined): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    if (trouble) this.#parts.log.warn(trouble);
    this.#parts.onTrouble(trouble);
  }
}
