/**
 * Decides when the WAN may have become another network, and then has every lease verified, once. Only what the wire and the port
 * say counts as a sign: what we ourselves do to the kernel is none.
 */
import { type Duration, type Instant, instant, longest, plus, scale, seconds } from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";

export interface WanWatchParts {
  readonly clock: Clock;
  readonly log: Log;
  /** `wan.monitor`. */
  readonly enabled: boolean;
  /** `wan.change_delay`: how long a changed network may settle. */
  readonly delay: Duration;
  /** Verify every lease: the WAN may be another network. */
  readonly verify: () => void;
  /** The leases from before the sign are of another network. */
  readonly moved: () => void;
}

/** Signs that come this soon after a verification began tell of the same change. */
const sameChange = seconds(10);

export class WanWatch {
  readonly #parts: WanWatchParts;
  #timer: Cancel | undefined;
  readonly #signs = new Set<string>();
  #carrier = true;
  #roundEnds: Instant = instant(Number.NEGATIVE_INFINITY);
  #since: Instant = instant(Number.NEGATIVE_INFINITY);
  #another = false;
  #changedAt: Instant = instant(Number.NEGATIVE_INFINITY);
  /** The link is back, and nobody has been asked since. */
  #linkReturned = false;
  /** That it is another network is proven, and has had no consequence yet. */
  #proven = false;

  constructor(parts: WanWatchParts) {
    this.#parts = parts;
  }

  /** When the network changed that was last verified: what was learnt before may be of another one. */
  get since(): Instant {
    return this.#since;
  }

  /** Whether the link is down, or the network may have changed and nobody has been asked yet. */
  get isUncertain(): boolean {
    return !this.#carrier || this.#timer !== undefined;
  }

  /** Whether no change is under way. */
  get isSettled(): boolean {
    return this.#carrier && !this.#timer && this.#parts.clock.now() >= this.#roundEnds;
  }

  /** When the link came up, or the last sign came that is not of a change under way. */
  get changedAt(): Instant {
    return this.#changedAt;
  }

  /** Whether the network turned out to be another one since then. */
  get another(): boolean {
    return this.#another;
  }

  get carrier(): boolean {
    return this.#carrier;
  }

  setCarrier(carrier: boolean): void {
    if (carrier === this.#carrier) return;
    this.#carrier = carrier;
    this.#parts.log.warn(carrier ? "WAN link is up again" : "WAN link is down");
    this.#timer?.();
    this.#timer = undefined;
    this.#linkReturned = carrier;
    if (carrier) this.#settle("the link was down");
  }

  /** A sign of change, as `router 192.0.2.1 does not answer`; one that belongs to the change under way is not a new one. */
  sign(what: string): void {
    const { clock, log } = this.#parts;
    const belongs = clock.now() < this.#roundEnds && !this.#linkReturned;
    if (!this.#carrier || belongs) log.debug(`WAN: ${what}`);
    else this.#settle(what);
  }

  /** Behind a link that was down somebody speaks whom nobody knows: there is no waiting for that network to settle. */
  hasten(what: string): void {
    if (!this.#linkReturned || !this.#timer) return;
    this.#timer();
    this.#signs.add(what);
    this.#verify();
  }

  /** Proof that it is another network, as a lease of other routers: no lease from before is worth a question. */
  proof(what: string): void {
    const { clock, log } = this.#parts;
    if (this.#linkReturned || clock.now() >= this.#roundEnds) {
      // Behind a link that was down, what comes before the verification counts in it.
      this.#proven ||= this.#linkReturned;
      this.sign(what);
      return;
    }
    if (this.#another) return;
    this.#another = true;
    log.warn(`WAN is another network: ${what}`);
    this.#parts.moved();
  }

  /** What was asked in the verification under way had no way to anybody: it is asked again at once. */
  verifyAgain(why: string): void {
    if (!this.#parts.enabled || !this.#carrier) return;
    this.#timer?.();
    this.#signs.add(why);
    this.#verify();
  }

  stop(): void {
    this.#timer?.();
  }

  #settle(what: string): void {
    const { clock, enabled, delay } = this.#parts;
    if (!enabled) return;
    this.#signs.add(what);
    if (!this.#timer) this.#changedAt = clock.now();
    // While the network changes on, it is not worth asking.
    this.#timer?.();
    this.#timer = clock.after(delay, () => this.#verify());
  }

  #verify(): void {
    const { clock, log, delay, verify } = this.#parts;
    this.#timer = undefined;
    log.warn(`WAN change: ${[...this.#signs].join("; ")}; every device asks again`);
    this.#signs.clear();
    this.#since = this.#changedAt;
    this.#roundEnds = plus(clock.now(), longest(scale(delay, 2), sameChange));
    this.#another = this.#proven;
    this.#proven = false;
    this.#linkReturned = false;
    verify();
  }
}
