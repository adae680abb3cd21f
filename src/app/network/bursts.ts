/** The seconds in which many frames of ours left. */
import { between, type Duration, type Instant, seconds } from "../../base/time.ts";

/** At so many in a second access switches shut a port. */
const many = 15;
const second = seconds(1);
/** So many that are over are thrown away at once. */
const enough = 512;
/** Bursts that are remembered. */
const memory = 60;

interface Burst {
  at: Instant;
  count: number;
}

export class Bursts {
  /** When frames left; those of the last second begin at `#first`. */
  #times: Instant[] = [];
  #first = 0;
  readonly #bursts: Burst[] = [];

  note(now: Instant): void {
    this.#times.push(now);
    while (between(this.#times[this.#first] ?? now, now) >= second) this.#first++;
    if (this.#first >= enough) {
      this.#times = this.#times.slice(this.#first);
      this.#first = 0;
    }
    const count = this.#times.length - this.#first;
    if (count >= many) this.#remember(now, count);
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
