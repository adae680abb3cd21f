import { type Instant, instant, plus, seconds } from "../../base/time.ts";

/** So long the kernel may take to tell of what was done. */
const span = seconds(3);

/** Names that were mentioned lately. Old ones go in whole generations, so that nothing is looked through. */
export class Recent {
  #young = new Set<string>();
  #old = new Set<string>();
  #turnAt: Instant = instant(0);

  add(name: string, now: Instant): void {
    this.#turn(now);
    this.#young.add(name);
  }

  /** For at least 3 s after it was added, and at most twice that. */
  has(name: string, now: Instant): boolean {
    this.#turn(now);
    return this.#young.has(name) || this.#old.has(name);
  }

  #turn(now: Instant): void {
    if (now < this.#turnAt) return;
    const isLongAgo = now >= plus(this.#turnAt, span);
    this.#old = isLongAgo ? new Set() : this.#young;
    this.#young = new Set();
    this.#turnAt = plus(now, span);
  }
}
