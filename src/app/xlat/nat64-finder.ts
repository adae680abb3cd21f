/** Finds the network's NAT64 by its name servers: what they make of `ipv4only.arpa`, which has no IPv6 of its own (RFC 7050). */
import { type Cidr6, formatCidr6 } from "../../base/cidr6.ts";
import { prefixesOf } from "../../base/nat64.ts";
import {
  type Duration,
  type Instant,
  instant,
  longest,
  plus,
  scale,
  seconds,
  shortest,
  zero,
} from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Answer6, NameLookup } from "../../ports/name-lookup.ts";

export interface Nat64FinderParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly names: NameLookup;
  /** There are others now, or none. */
  readonly onChange: () => void;
}

const name = "ipv4only.arpa";
/** Answers are asked for again before they are old, and neither all the time nor hardly ever. */
const soonest = seconds(30);
const latest = seconds(3600);
/** Where there was none, some may come. */
const againAfterNone = seconds(60);
/** Doubles with each failure. */
const againAfterFailure = seconds(5);
const againAtLatest = seconds(300);

export class Nat64Finder {
  readonly #parts: Nat64FinderParts;
  #servers: readonly string[] = [];
  #isHeld = false;
  #patience = zero;
  #found: readonly Cidr6[] = [];
  #goodUntil: Instant = instant(0);
  /** In a row. */
  #failures = 0;
  #timer: Cancel | undefined;
  /** Ends the question that is under way. */
  #question = new AbortController();

  constructor(parts: Nat64FinderParts) {
    this.#parts = parts;
  }

  /** In the order of the answer. */
  get prefixes(): readonly Cidr6[] {
    return this.#found;
  }

  /**
   * Whom to ask from now on, best first; nobody: what was found is forgotten. The same as before changes nothing.
   * @param patience so long they are not asked yet: a network that changes looks for a moment as if it had no IPv4, and its servers may be of the one before
   */
  ask(servers: readonly string[], patience: Duration): void {
    this.#patience = patience;
    if (servers.join() === this.#servers.join()) return;
    this.#servers = servers;
    this.#begin();
    if (servers.length === 0) this.#take([]);
  }

  /** While nobody can be asked, or the address to ask with may be of another network, nothing is sent; what was found stays. */
  hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.#begin();
  }

  stop(): void {
    this.#servers = [];
    this.#drop();
  }

  #begin(): void {
    this.#failures = 0;
    this.#drop();
    if (this.#servers.length > 0 && !this.#isHeld)
      this.#timer = this.#parts.clock.after(this.#patience, () => void this.#once());
  }

  #drop(): void {
    this.#timer?.();
    this.#question.abort();
  }

  async #once(): Promise<void> {
    this.#question = new AbortController();
    const { signal } = this.#question;
    const answer = await this.#parts.names.aaaa(name, this.#servers, signal);
    if (signal.aborted) return;
    const again = this.#judge(answer);
    this.#timer = this.#parts.clock.after(again, () => void this.#once());
  }

  /** @returns when to ask again */
  #judge(answer: Answer6): Duration {
    const now = this.#parts.clock.now();
    this.#failures = answer.kind === "failed" ? this.#failures + 1 : 0;
    switch (answer.kind) {
      case "found": {
        const good = longest(answer.ttl, soonest);
        this.#goodUntil = plus(now, good);
        this.#take(prefixesOf(answer.addresses));
        return shortest(good, latest);
      }
      case "none":
        this.#take([]);
        return againAfterNone;
      case "failed":
        this.#parts.log.debug(`${name} cannot be looked up: ${answer.why}`);
        if (this.#goodUntil <= now) this.#take([]);
        return shortest(scale(againAfterFailure, 2 ** Math.min(this.#failures - 1, 10)), againAtLatest);
    }
  }

  #take(prefixes: readonly Cidr6[]): void {
    if (textOf(prefixes) === textOf(this.#found)) return;
    this.#found = prefixes;
    this.#parts.onChange();
  }
}

const textOf = (prefixes: readonly Cidr6[]): string => prefixes.map(formatCidr6).join();
