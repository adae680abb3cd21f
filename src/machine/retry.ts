/** Retry arithmetic shared by the protocol machines. Results are whole milliseconds. */
import { type Rng, uniform } from "../base/rng.ts";
import { type Duration, millis } from "../base/time.ts";

/** `span`, up to `fraction` of it longer or shorter, uniformly: keeps a thousand clients from marching in step. */
export const spread = (rng: Rng, span: Duration, fraction: number): Duration =>
  millis(Math.round(span * (1 + uniform(rng, -fraction, fraction))));

/** `first` doubled `times` times, at most `limit` (or `first`, when that is longer). */
export const doubled = (first: Duration, times: number, limit: Duration): Duration =>
  millis(Math.max(first, Math.min(first * 2 ** times, limit)));
