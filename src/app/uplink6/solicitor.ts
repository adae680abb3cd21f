/**
 * Router solicitations for all identities, in the name of one: every advertisement is for all of them. The kernel's own are off. An identity may
 * miss the advertisement that we hear, when it comes up in that moment or the kernel drops its copy, and the next one that nobody asks for may be
 * half an hour away (RFC 4861 section 6.2.1): so it is asked for until each identity has an address of it (RFC 7559). Between two advertisements to all
 * a router keeps silent for three seconds (MIN_DELAY_BETWEEN_RAS): a crowd asks when the last of it is up.
 */
import { allRouters, anyIp6, multicastMac } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import type { Rng } from "../../base/rng.ts";
import { type Duration, type Instant, instant, minutes, plus, seconds } from "../../base/time.ts";
import { doubled, spread } from "../../machine/retry.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { NdFrame } from "../../wire/nd/message.ts";

export interface SolicitorParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly send: (frame: NdFrame) => void;
  /** Whether there is a default router to use. */
  readonly routerKnown: () => boolean;
  /** Whether the identity has an address by what is advertised, or there is none to be had. */
  readonly served: (mac: Mac) => boolean;
  /** Whether identities are about to come up whom the same advertisement would serve. */
  readonly othersCome: () => boolean;
}

/** Between two solicitations, whoever asks for them. */
const leastGap = seconds(1);
/** Nobody waits longer than this for others. */
const longestHold = seconds(2);
/** RFC 4861 section 10: RTR_SOLICITATION_INTERVAL, MAX_RTR_SOLICITATIONS. */
const interval = seconds(4);
const quickOnes = 3;
/** RFC 7559 section 2: MRT. */
const longestInterval = minutes(60);
/** The kernel makes its addresses, and we see them, within this time after an advertisement. */
const servedWithin = seconds(2);

export class Solicitor {
  readonly #parts: SolicitorParts;
  /** Whoever was the sender goes to the end: a switch may drop what some of them send. */
  readonly #identities = new Set<Mac>();
  /** Came up after the last advertisement, or are to hear one anew. */
  readonly #waiting = new Set<Mac>();
  /** An advertisement came since, but perhaps not to them. */
  readonly #listening = new Set<Mac>();
  #sentAt = instant(Number.NEGATIVE_INFINITY);
  /** Since when somebody waits for others. */
  #heldSince: Instant | undefined;
  /** Since there was last a reason to begin anew. */
  #sent = 0;
  #timer: Cancel | undefined;
  #due = instant(0);

  constructor(parts: SolicitorParts) {
    this.#parts = parts;
  }

  /** An identity came up: it has heard no advertisement so far. */
  want(mac: Mac): void {
    this.#identities.add(mac);
    this.#waiting.add(mac);
    const { clock, othersCome } = this.#parts;
    this.#heldSince ??= clock.now();
    this.#begin(othersCome() ? plus(this.#heldSince, longestHold) : clock.now());
  }

  /** What is known may hold no more. */
  again(): void {
    for (const mac of this.#identities) this.#waiting.add(mac);
    this.#begin();
  }

  /** To be called when routers may have gone. */
  check(): void {
    if (!this.#timer) this.#begin();
  }

  /** An advertisement came, to all that are up; what comes of it shows within a moment. */
  heard(): void {
    for (const mac of this.#waiting) this.#listening.add(mac);
    this.#waiting.clear();
    const shown = plus(this.#parts.clock.now(), servedWithin);
    if (this.#timer && this.#due < shown) this.#arm(shown);
  }

  drop(mac: Mac): void {
    for (const macs of [this.#identities, this.#waiting, this.#listening]) macs.delete(mac);
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
    for (const macs of [this.#identities, this.#waiting, this.#listening]) macs.clear();
  }

  #isNeeded(): boolean {
    for (const mac of this.#listening) if (this.#parts.served(mac)) this.#listening.delete(mac);
    return this.#waiting.size > 0 || this.#listening.size > 0 || !this.#parts.routerKnown();
  }

  #begin(soonest: Instant = this.#parts.clock.now()): void {
    this.#sent = 0;
    this.#arm(instant(Math.max(soonest, plus(this.#sentAt, leastGap))));
  }

  #arm(at: Instant): void {
    this.#timer?.();
    this.#due = at;
    this.#timer = this.#parts.clock.at(at, () => this.#wake());
  }

  #wake(): void {
    this.#timer = undefined;
    const [mac] = this.#identities;
    if (!mac || !this.#isNeeded()) return;
    this.#identities.delete(mac);
    this.#identities.add(mac);
    this.#sentAt = this.#parts.clock.now();
    this.#heldSince = undefined;
    this.#sent++;
    this.#parts.send(solicitation(mac));
    this.#arm(plus(this.#sentAt, this.#pause()));
  }

  #pause(): Duration {
    if (this.#sent < quickOnes) return interval;
    return spread(this.#parts.rng, doubled(interval, this.#sent - quickOnes + 1, longestInterval), 0.1);
  }
}

/** From `::` and without a link-layer address option: the answer can only go to all nodes (RFC 4861 section 6.2.6). */
const solicitation = (mac: Mac): NdFrame => ({
  sourceMac: mac,
  destinationMac: multicastMac(allRouters),
  source: anyIp6,
  destination: allRouters,
  message: { kind: "router-solicit" },
});
