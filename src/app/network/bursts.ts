/** The seconds in which many frames of ours left. */
import { between, type Duration, type Instant, seconds } from "../../base/time.ts";

/** At so many in a second access switches shut a port. */
const many = 15;
const second = seconds(1);
/** Bursts that are remembered. */
const memory = 60;

interface Burst {
  at: Instant;
  count: number;
}

export class Bursts {
  /** Frames of the last second. */
  #times: Instant[] = [];
  readonly #bursts: Burst[] = [];

  note(now: Instant): void {
    const old = this.#times.findIndex((at) => between(at, now) < second);
    this.#times = old > 0 ? this.#times.slice(old) : old < 0 ? [] : this.#times;
    this.#times.push(now);
    if (this.#times.length >= many) this.#remember(now, this.#times.length);
  }

  #remember(now: Instant, count: number): void {
    const last = this.#bursts.at(-1);
    if (last && between(last.at, now) < second) {
      last.count = Math.max(last.count, count);
      return;
    }
    this.#bursts.push({ at: now, count });
    if (this.#bursts.length > memory) this.#bursts.shift();
  }

  /** The largest burst that began around a moment. */
  around(moment: Instant, within: Duration): number | undefined {
    const near = this.#bursts.filter(({ at }) => Math.abs(between(at, moment)) <= within);
    return near.length > 0 ? Math.max(...near.map(({ count }) => count)) : undefined;
  }
}
