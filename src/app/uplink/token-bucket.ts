import { type Duration, type Instant, millis, plus } from "../../base/time.ts";

/** A token bucket in fractions of a token: `burst` at once, then `perSecond`. Never more than burst + perSecond in any second. */
export class TokenBucket {
  #tokens: number;
  #at: Instant;
  constructor(
    readonly perSecond: number,
    readonly burst: number,
    now: Instant,
  ) {
    this.#tokens = burst;
    this.#at = now;
  }

  #fill(now: Instant): void {
    this.#tokens = Math.min(this.burst, this.#tokens + ((now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
  }

  /** Takes one token, or tells when there will be one. */
  take(now: Instant): "taken" | Instant {
    this.#fill(now);
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return "taken";
    }
    const wait: Duration = millis(Math.ceil(((1 - this.#tokens) / this.perSecond) * 1000));
    return plus(now, wait);
  }

  /** Tokens that are used elsewhere; there may be a debt afterwards, of a second at most. */
  spend(count: number, now: Instant): void {
    this.#fill(now);
    this.#tokens = Math.max(-this.perSecond, this.#tokens - count);
  }
}
