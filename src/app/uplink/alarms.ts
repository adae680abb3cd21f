import type { Instant } from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import { WakeHeap } from "./wake-heap.ts";

/** Deadlines of many, kept by one timer; each is told once. */
export class Alarms<K> {
  readonly #heap = new WakeHeap<K>();
  #timer: Cancel | undefined;

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
  }

  #arm(): void {
    this.#timer?.();
    this.#timer = this.clock.at(this.#heap.next(), () => this.#wake());
  }

  #wake(): void {
    const now = this.clock.now();
    for (let key = this.#heap.take(now); key !== undefined; key = this.#heap.take(now)) this.onDue(key);
    this.#arm();
  }
}
