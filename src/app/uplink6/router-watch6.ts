/** Asks the routers whether they are there, once for all identities: a lifetime of half an hour outlives a router that died by much. */
import { type Ip6, multicastMac, solicitedNode } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import { type Instant, never, plus, seconds } from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { NdFrame } from "../../wire/nd/message.ts";

/** An identity in whose name the question may be asked, and its link-local address. */
export interface Asker6 {
  readonly mac: Mac;
  readonly ip: Ip6;
}

export interface RouterWatch6Parts {
  readonly clock: Clock;
  readonly send: (frame: NdFrame) => void;
  readonly routers: () => readonly { readonly ip: Ip6; readonly mac: Mac }[];
  /** `preferred` where it may ask, else another identity at each call. */
  readonly asker: (preferred: Mac | undefined) => Asker6 | undefined;
  /** A router that used to answer does so no more. */
  readonly onSilent: (router: Ip6) => void;
}

interface Watched {
  askAt: Instant;
  /** Questions since it was last heard. */
  asked: number;
  /** Its answer went to this identity, whose frames the network lets through, then. */
  answeredTo: Mac | undefined;
}

const refreshAfter = seconds(10);
const answerWithin = seconds(1);
/** Unanswered questions until a router counts as silent; the first goes to its MAC alone. */
const patience = 3;

export class RouterWatch6 {
  readonly #parts: RouterWatch6Parts;
  readonly #watched = new Map<Ip6, Watched>();
  #timer: Cancel | undefined;

  constructor(parts: RouterWatch6Parts) {
    this.#parts = parts;
  }

  /** To be called when routers came or went. */
  sync(): void {
    const known = new Set(this.#parts.routers().map(({ ip }) => ip));
    for (const ip of this.#watched.keys()) if (!known.has(ip)) this.#watched.delete(ip);
    // Soon: only one that has answered before can be missed.
    const askAt = plus(this.#parts.clock.now(), answerWithin);
    for (const ip of known)
      if (!this.#watched.has(ip)) this.#watched.set(ip, { askAt, asked: 0, answeredTo: undefined });
    this.#arm();
  }

  /** A router spoke; `answered` is the identity whose question it answered. */
  heard(router: Ip6, answered?: Mac): void {
    const watched = this.#watched.get(router);
    if (!watched) return;
    watched.answeredTo = answered ?? watched.answeredTo;
    watched.asked = 0;
    const wait = watched.answeredTo ? refreshAfter : answerWithin;
    watched.askAt = plus(this.#parts.clock.now(), wait);
  }

  /** The link may lead elsewhere: asks all of them now. */
  askAll(): void {
    const now = this.#parts.clock.now();
    for (const watched of this.#watched.values()) {
      watched.asked = 0;
      watched.askAt = now;
    }
    this.#arm();
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#watched.clear();
  }

  #arm(): void {
    this.#timer?.();
    let next = never;
    for (const { askAt } of this.#watched.values()) if (askAt < next) next = askAt;
    this.#timer = this.#parts.clock.at(next, () => this.#wake());
  }

  #wake(): void {
    const now = this.#parts.clock.now();
    for (const { ip, mac } of this.#parts.routers()) {
      const watched = this.#watched.get(ip);
      if (watched && watched.askAt <= now) this.#ask(ip, mac, watched, now);
    }
    this.#arm();
  }

  #ask(ip: Ip6, mac: Mac, watched: Watched, now: Instant): void {
    // One that never answered may be out of reach only for those who asked: their MACs may not be registered.
    if (watched.asked === patience && watched.answeredTo) this.#parts.onSilent(ip);
    watched.askAt = plus(now, watched.asked < patience ? answerWithin : refreshAfter);
    const asker = this.#parts.asker(watched.asked === 0 ? watched.answeredTo : undefined);
    if (!asker) return;
    this.#parts.send(question(asker, ip, watched.asked === 0 ? mac : undefined));
    watched.asked++;
  }
}

/** Whether a neighbour is there: asked of `mac` alone, or of the group of the address (RFC 4861 section 4.3). */
export const question = (asker: Asker6, target: Ip6, mac?: Mac): NdFrame => ({
  sourceMac: asker.mac,
  destinationMac: mac ?? multicastMac(solicitedNode(target)),
  source: asker.ip,
  destination: mac ? target : solicitedNode(target),
  message: { kind: "neighbour-solicit", target, sourceMac: asker.mac },
});
