/** Adapter of ports/Clock: the machine's clocks and Node's timers. */
import { type Duration, type Instant, instant, plus, wallTime } from "../base/time.ts";
import type { Cancel, Clock } from "../ports/clock.ts";

/** Node fires a longer timer after 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => instant(performance.now()),
  wall: () => wallTime(Date.now()),
  at,
  after: (span, task) => at(plus(systemClock.now(), span), task),
  sleep: (span: Duration) => new Promise((resolve) => void systemClock.after(span, resolve)),
};

function at(when: Instant, task: () => void): Cancel {
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    const left = when - performance.now();
    if (left === Number.POSITIVE_INFINITY) return;
    // Node rounds down: without `ceil` the task would run up to a millisecond early.
    if (left > LONGEST_TIMER_MS) timer = setTimeout(arm, LONGEST_TIMER_MS);
    else timer = setTimeout(run, Math.max(0, Math.ceil(left)));
  };
  const run = (): void => {
    if (performance.now() < when) arm();
    else task();
  };
  arm();
  return () => clearTimeout(timer);
}
