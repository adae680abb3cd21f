/** ports/Clock with virtual time: nothing happens until the test lets time pass. */
import {
  type Duration,
  type Instant,
  instant,
  never,
  plus,
  type WallTime,
  wallTime,
} from "../../src/base/time.ts";
import type { Cancel, Clock } from "../../src/ports/clock.ts";

interface Timer {
  readonly at: Instant;
  readonly task: () => void;
}

/** Lets every promise that can settle do so. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class FakeClock implements Clock {
  #now: Instant;
  #wallOffset: number;
  #timers: Timer[] = [];

  constructor(now = 1_000_000, wall = Date.UTC(2026, 0, 1)) {
    this.#now = instant(now);
    this.#wallOffset = wall - now;
  }

  now(): Instant {
    return this.#now;
  }
  wall(): WallTime {
    return wallTime(this.#now + this.#wallOffset);
  }
  /** Sets the calendar, as NTP does; the monotonic clock goes on. */
  setWall(ms: number): void {
    this.#wallOffset = ms - this.#now;
  }
  /** Timers that have not run. */
  get pending(): number {
    return this.#timers.length;
  }

  at(when: Instant, task: () => void): Cancel {
    if (when === never) return () => {};
    if (Number.isNaN(when)) throw new Error("a timer at NaN");
    const timer: Timer = { at: when, task };
    const later = this.#timers.findIndex((t) => t.at > when);
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  }
  after(span: Duration, task: () => void): Cancel {
    return this.at(plus(this.#now, span), task);
  }
  sleep(span: Duration): Promise<void> {
    return new Promise((resolve) => {
      this.after(span, resolve);
    });
  }

  /** Runs the first timer that is due by `end`; false when there is none. */
  #runOne(end: Instant): boolean {
    const [next] = this.#timers;
    if (!next || next.at > end) return false;
    this.#timers.shift();
    this.#now = instant(Math.max(this.#now, next.at));
    next.task();
    return true;
  }

  /** Lets time pass for what needs no promises. */
  pass(span: Duration): void {
    const end = plus(this.#now, span);
    for (let n = 0; this.#runOne(end); n++) if (n > 1_000_000) throw new Error("a timer that never ends");
    this.#now = end;
  }

  /** Lets time pass; after each timer, promises settle before the next. */
  async advance(span: Duration): Promise<void> {
    const end = plus(this.#now, span);
    await settle();
    for (let n = 0; this.#runOne(end); n++) {
      if (n > 1_000_000) throw new Error("a timer that never ends");
      await settle();
    }
    this.#now = end;
  }
}
