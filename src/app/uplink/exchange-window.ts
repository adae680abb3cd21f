/**
 * How many questions to servers may be open at once: more while answers come quickly, half as many when one is missing or asked again. As TCP does
 * (RFC 5681), and for the same reason: what overflows a server's queue is lost, and waits seconds for its repetition.
 */
import { between, type Duration, type Instant, instant, millis, plus, seconds } from "../../base/time.ts";
import type { Clock } from "../../ports/clock.ts";
import { Alarms } from "./alarms.ts";

export interface WindowParts {
  readonly clock: Clock;
  /** The most that the window grows to. */
  readonly most: number;
  /** There may be room again. */
  readonly onRoom: () => void;
}

const least = 16;
const atFirst = 32;
/** A queue at the server shows in this much more than the shortest time it took; then the window is large enough. */
const queueing = millis(15);
/** After this many times the usual wait, within the limits, a question no longer counts: perhaps nobody will ever answer it. */
const patience = 8;
const graceAtFirst = seconds(1);
const leastGrace = millis(300);
const mostGrace = seconds(3);
/** An answer that comes later teaches nothing. */
const memory = seconds(10);

export class ExchangeWindow {
  readonly #parts: WindowParts;
  readonly #floor: number;
  #size: number;
  /** When each open question was sent. */
  readonly #open = new Map<string, Instant>();
  /** The same of those that no longer count. */
  readonly #overdue = new Map<string, Instant>();
  readonly #alarms: Alarms<string>;
  #quickest: Duration | undefined;
  #usual: Duration | undefined;
  /** Until a first sign of too many it doubles with each round of answers. */
  #probing = true;
  /** Signs of one moment count once. */
  #deafUntil = instant(Number.NEGATIVE_INFINITY);

  constructor(parts: WindowParts) {
    this.#parts = parts;
    this.#floor = Math.min(least, parts.most);
    this.#size = Math.min(atFirst, parts.most);
    this.#alarms = new Alarms(parts.clock, (exchange) => this.#due(exchange));
  }

  get size(): number {
    return Math.floor(this.#size);
  }
  get open(): number {
    return this.#open.size;
  }
  get hasRoom(): boolean {
    return this.#open.size < this.size;
  }

  /** A question is on its way. One that is open already was asked again. */
  asked(exchange: string): void {
    if (this.#open.has(exchange)) this.#shrink();
    const now = this.#parts.clock.now();
    this.#open.set(exchange, now);
    this.#alarms.set(exchange, plus(now, this.#grace()));
  }

  /** The server's answer; unknown exchanges are nobody's. */
  answered(exchange: string): void {
    const now = this.#parts.clock.now();
    const sentAt = this.#open.get(exchange) ?? this.#overdue.get(exchange);
    if (sentAt === undefined) return;
    const counted = this.#open.delete(exchange);
    this.#overdue.delete(exchange);
    this.#alarms.delete(exchange);
    this.#learn(between(sentAt, now), counted);
    this.#parts.onRoom();
  }

  stop(): void {
    this.#alarms.stop();
    this.#open.clear();
    this.#overdue.clear();
  }

  #grace(): Duration {
    if (this.#usual === undefined) return graceAtFirst;
    return millis(Math.min(mostGrace, Math.max(leastGrace, Math.round(this.#usual * patience))));
  }

  #learn(took: Duration, counted: boolean): void {
    this.#quickest = millis(Math.min(took, this.#quickest ?? took));
    this.#usual = millis(this.#usual === undefined ? took : this.#usual + (took - this.#usual) / 8);
    if (took > 2 * this.#quickest + queueing) this.#probing = false;
    else if (counted) this.#grow();
  }

  #grow(): void {
    const step = this.#probing ? 1 : 1 / this.#size;
    this.#size = Math.min(this.#parts.most, this.#size + step);
  }

  #due(exchange: string): void {
    const sentAt = this.#open.get(exchange);
    if (sentAt === undefined) {
      this.#overdue.delete(exchange);
      return;
    }
    this.#open.delete(exchange);
    this.#overdue.set(exchange, sentAt);
    this.#alarms.set(exchange, plus(sentAt, memory));
    this.#shrink();
    this.#parts.onRoom();
  }

  #shrink(): void {
    const now = this.#parts.clock.now();
    if (now < this.#deafUntil) return;
    this.#deafUntil = plus(now, this.#grace());
    this.#probing = false;
    this.#size = Math.max(this.#floor, this.#size / 2);
  }
}
