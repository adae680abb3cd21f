import type { Duration, Instant, WallTime } from "../base/time.ts";

/** Cancels what was scheduled; calling it twice is harmless. */
export type Cancel = () => void;

export interface Clock {
  /** The monotonic clock. */
  now(): Instant;
  /** The calendar, for disk and display. */
  wall(): WallTime;
  /** Runs `task` once at `when` or soon after; `never` schedules nothing. Spans beyond 2^31-1 ms work. */
  at(when: Instant, task: () => void): Cancel;
  after(span: Duration, task: () => void): Cancel;
  sleep(span: Duration): Promise<void>;
}
