import { type Instant, never } from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import { WakeHeap } from "./wake-heap.ts";

/** Deadlines of many, kept by one timer; each is told once. A deadline that is deleted or put off leaves the timer as it is: to wake for nothing costs less than a timer anew at each of thousands of changes. */
export class Alarms<K> {
  readonly #heap = new WakeHeap<K>();
  #timer: Cancel | undefined;
  /** When the timer ends. */
  #armedFor: Instant = never;

  constructor(
    private readonly clock: Clock,
    private readonly onDue: (key: K) => void,
  ) {}

  /** In place of the one that the key had; `never` for none. */
  set(key: K, at: Instant): void {
    this.#heap.set(key, at);
    this.#arm();
  }

  delete(key: K): void {
    this.#heap.delete(key);
    this.#arm();
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#armedFor = never;
  }

  #arm(): void {
    const next = this.#heap.next();
    if (next === never) this.stop();
    else if (next < this.#armedFor) {
      this.#timer?.();
      this.#armedFor = next;
      this.#timer = this.clock.at(next, () => this.#wake());
    }
  }

  #wake(): void {
    this.#armedFor = never;
    const now = this.clock.now();
    for (let key = this.#heap.take(now); key !== undefined; key = this.#heap.take(now)) this.onDue(key);
    this.#arm();
  }
}
