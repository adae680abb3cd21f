/** Router solicitations for all identities, in the name of one: every advertisement reaches all of them. The kernel's own are off. */
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
}

/** Between two solicitations, whoever asks for them. */
const leastGap = seconds(1);
/** RFC 4861 section 10: RTR_SOLICITATION_INTERVAL, MAX_RTR_SOLICITATIONS. */
const interval = seconds(4);
const quickOnes = 3;
/** RFC 7559 section 2: MRT. */
const longestInterval = minutes(60);

export class Solicitor {
  readonly #parts: SolicitorParts;
  /** Whoever was the sender goes to the end: a switch may drop what some of them send. */
  readonly #identities = new Set<Mac>();
  /** Came up after the last advertisement. */
  readonly #waiting = new Set<Mac>();
  #askAgain = false;
  #sentAt = instant(Number.NEGATIVE_INFINITY);
  /** Since there was last a reason to begin anew. */
  #sent = 0;
  #timer: Cancel | undefined;

  constructor(parts: SolicitorParts) {
    this.#parts = parts;
  }

  /** An identity came up: it has heard no advertisement so far. */
  want(mac: Mac): void {
    this.#identities.add(mac);
    this.#waiting.add(mac);
    this.#begin();
  }

  /** What is known may hold no more. */
  again(): void {
    this.#askAgain = true;
    this.#begin();
  }

  /** To be called when routers may have gone. */
  check(): void {
    if (!this.#timer) this.#begin();
  }

  /** An advertisement came, to all that are up. */
  heard(): void {
    this.#waiting.clear();
    this.#askAgain = false;
  }

  drop(mac: Mac): void {
    this.#identities.delete(mac);
    this.#waiting.delete(mac);
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#identities.clear();
    this.#waiting.clear();
  }

  #isNeeded(): boolean {
    return this.#askAgain || this.#waiting.size > 0 || !this.#parts.routerKnown();
  }

  #begin(): void {
    this.#sent = 0;
    const { clock } = this.#parts;
    this.#arm(instant(Math.max(clock.now(), plus(this.#sentAt, leastGap))));
  }

  #arm(at: Instant): void {
    this.#timer?.();
    this.#timer = this.#parts.clock.at(at, () => this.#wake());
  }

  #wake(): void {
    this.#timer = undefined;
    const [mac] = this.#identities;
    if (!mac || !this.#isNeeded()) return;
    this.#identities.delete(mac);
    this.#identities.add(mac);
    this.#sentAt = this.#parts.clock.now();
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
