/** Between monotonic time, which the protocols use, and wall time, which the disk keeps. */
import { type Instant, instant, never, type WallTime, wallTime } from "../../base/time.ts";

/** Both clocks at one moment. */
export interface Moment {
  readonly now: Instant;
  readonly wall: WallTime;
}

export const toWall = (at: Instant, m: Moment): WallTime =>
  wallTime(at === never ? at : Math.round(m.wall + (at - m.now)));
export const toInstant = (at: WallTime, m: Moment): Instant => instant(m.now + (at - m.wall));
