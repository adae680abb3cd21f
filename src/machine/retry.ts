/** Retry arithmetic shared by the protocol machines. Results are whole milliseconds. */
import { type Rng, uniform } from "../base/rng.ts";
import { type Duration, longest, millis, seconds, zero } from "../base/time.ts";

/** How often, and after which pauses, a client begins again. */
export interface RetrySettings {
  /** Attempts before the client counts as failed. */
  readonly retries: number;
  readonly retryDelay: Duration;
  readonly failedRetry: Duration;
}

/** `span`, up to `fraction` of it longer or shorter, uniformly: keeps a thousand clients from marching in step. */
export const spread = (rng: Rng, span: Duration, fraction: number): Duration =>
  millis(Math.round(span * (1 + uniform(rng, -fraction, fraction))));

/** `first` doubled `times` times, at most `limit` (or `first`, when that is longer). */
export const doubled = (first: Duration, times: number, limit: Duration): Duration =>
  millis(Math.max(first, Math.min(first * 2 ** times, limit)));

/** An attempt's number as people count: slow attempts are one of one each. */
export const numbered = (attempt: number, { retries }: RetrySettings): { attempt: number; of: number } =>
  attempt > retries ? { attempt: 1, of: 1 } : { attempt, of: retries };

/** The pause after the failed attempt number `attempt`: `retryDelay`, doubling up to 60 s, spread by 10 %. */
export const attemptPause = (attempt: number, settings: RetrySettings, rng: Rng): Duration =>
  spread(rng, doubled(settings.retryDelay, attempt - 1, seconds(60)), 0.1);

/**
 * The pause before slow attempt number `round`, counted from 1: `failedRetry`, doubling up to ten times that (or up to
 * `atMost`, when that is longer), spread by 10 %.
 */
export function slowPause(
  round: number,
  settings: RetrySettings,
  rng: Rng,
  atMost: Duration = zero,
): Duration {
  const limit = longest(millis(settings.failedRetry * 10), atMost);
  return spread(rng, doubled(settings.failedRetry, round - 1, limit), 0.1);
}

/**
 * A client that was refused (DHCPNAK, NotOnLink) starts over at once (RFC 2131 section 3.1 item 5, RFC 8415 section
 * 18.2.10.1); a server that keeps refusing is asked after 1, 2, 4 … 60 s.
 */
export const refusalPause = (refusals: number): Duration =>
  refusals <= 1 ? zero : doubled(seconds(1), refusals - 2, seconds(60));
