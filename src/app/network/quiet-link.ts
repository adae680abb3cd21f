/**
 * A link that has its carrier and carries nothing: a switch port that still blocks (spanning tree 30 s, 802.1X and MAB up to minutes), or a
 * cable to nowhere. Silence there proves nothing, so what silence would end elsewhere is held until somebody speaks.
 */
import { between, type Instant, instant, millis, plus, toSeconds } from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";

export interface QuietLinkParts {
  readonly clock: Clock;
  /** Whether anything of ours asks there: else nobody has to answer. */
  readonly asks: () => boolean;
  /** Ask whoever is there once more, and give up nobody meanwhile. */
  readonly hold: () => void;
  /** Nothing has been heard since then. */
  readonly onQuiet: (since: Instant) => void;
  /** Somebody speaks. `why`: as a sign of change, undefined where the link itself has gone. */
  readonly onEnd: (why: string | undefined) => void;
}

/** Before silence ends anything: a router's MAC is given up after 2 s at the soonest, what it advertised after 4 s. */
const judgeAfter = millis(1900);

export class QuietLink {
  readonly #parts: QuietLinkParts;
  #heardAt: Instant = instant(Number.NEGATIVE_INFINITY);
  #timer: Cancel | undefined;
  #since: Instant | undefined;

  constructor(parts: QuietLinkParts) {
    this.#parts = parts;
  }

  get isQuiet(): boolean {
    return this.#since !== undefined;
  }

  /** A station of the WAN spoke, to whomever. */
  heard(): void {
    const { clock, onEnd } = this.#parts;
    const now = clock.now();
    this.#heardAt = now;
    const since = this.#since;
    if (since === undefined) return;
    this.#cancel();
    onEnd(`nothing was heard for ${Math.round(toSeconds(between(since, now)))} s`);
  }

  /** Everybody has just been asked; `changedAt`: when the link came up, or gave another sign. */
  asked(changedAt: Instant): void {
    if (this.isQuiet) return;
    this.#arm(() => {
      if (this.#heardAt >= changedAt || !this.#parts.asks()) return;
      this.#since = changedAt;
      this.#parts.onQuiet(changedAt);
      this.#hold();
    });
  }

  /** The link has gone. */
  gone(): void {
    const was = this.isQuiet;
    this.#cancel();
    if (was) this.#parts.onEnd(undefined);
  }

  stop(): void {
    this.#cancel();
  }

  #hold(): void {
    this.#parts.hold();
    this.#arm(() => this.#hold());
  }

  #arm(task: () => void): void {
    const { clock } = this.#parts;
    this.#timer?.();
    this.#timer = clock.at(plus(clock.now(), judgeAfter), task);
  }

  #cancel(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#since = undefined;
  }
}
