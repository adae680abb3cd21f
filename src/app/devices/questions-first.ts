/**
 * Devices that ask DHCPv4 servers before they have an interface: the exchange is by the WAN port's own socket and needs none. Where many come at once, all of them ask first, and
 * what takes the kernel's time is done when they have their answers, or when nobody answers any more.
 */
import type { Mac } from "../../base/mac.ts";
import { type Duration, type Instant, instant, millis, plus } from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";

export interface QuestionsFirstParts {
  readonly clock: Clock;
  /** The device may have its interface; once each. */
  readonly onReady: (mac: Mac) => void;
}

/** A server that is there answers within this time. */
const quiet = millis(100);
/** IPv6 waits for the interface, and no longer than that, however many others are asking. */
const longest: Duration = millis(1000);

export class QuestionsFirst {
  readonly #parts: QuestionsFirstParts;
  readonly #asking = new Set<Mac>();
  readonly #answered = new Set<Mac>();
  #since: Instant = instant(0);
  #lastSign: Instant = instant(0);
  #timer: Cancel | undefined;

  constructor(parts: QuestionsFirstParts) {
    this.#parts = parts;
  }

  /** The device begins to ask. */
  begin(mac: Mac): void {
    const now = this.#parts.clock.now();
    if (this.#asking.size + this.#answered.size === 0) this.#since = now;
    this.#asking.add(mac);
    this.#lastSign = now;
    if (!this.#timer) this.#arm(now);
  }

  /** A server has granted it an address; of others this means nothing. */
  answered(mac: Mac): void {
    if (!this.#asking.delete(mac)) return;
    this.#answered.add(mac);
    this.#lastSign = this.#parts.clock.now();
    if (this.#asking.size === 0) this.#release();
  }

  forget(mac: Mac): void {
    this.#answered.delete(mac);
    if (this.#asking.delete(mac) && this.#asking.size === 0) this.#release();
  }

  stop(): void {
    this.#timer?.();
    this.#asking.clear();
    this.#answered.clear();
  }

  #arm(now: Instant): void {
    const due = Math.min(plus(this.#lastSign, quiet), plus(this.#since, longest));
    this.#timer = this.#parts.clock.after(millis(Math.max(0, due - now)), () => this.#look());
  }

  #look(): void {
    const now = this.#parts.clock.now();
    if (now >= plus(this.#lastSign, quiet) || now >= plus(this.#since, longest)) this.#release();
    else this.#arm(now);
  }

  #release(): void {
    this.#timer?.();
    this.#timer = undefined;
    const all = [...this.#answered, ...this.#asking];
    this.#answered.clear();
    this.#asking.clear();
    for (const mac of all) this.#parts.onReady(mac);
  }
}
