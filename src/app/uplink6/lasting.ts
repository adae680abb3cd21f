import { type Instant, never } from "../../base/time.ts";

interface Lasting<T> {
  readonly value: T;
  readonly until: Instant;
}

/** Values by key that each last until a moment; a stranger can name no more than `most` of them. */
export class LastingMap<T> {
  readonly #entries = new Map<string, Lasting<T>>();

  constructor(readonly most: number) {}

  get size(): number {
    return this.#entries.size;
  }
  has(key: string): boolean {
    return this.#entries.has(key);
  }
  get(key: string): T | undefined {
    return this.#entries.get(key)?.value;
  }
  values(): T[] {
    return [...this.#entries.values()].map(({ value }) => value);
  }

  /** A key that was there keeps its place in the order. */
  set(key: string, value: T, until: Instant): void {
    if (this.#entries.has(key) || this.#entries.size < this.most) this.#entries.set(key, { value, until });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Removes and returns what is over. */
  expire(now: Instant): T[] {
    const over: T[] = [];
    for (const [key, { value, until }] of this.#entries) {
      if (until > now) continue;
      this.#entries.delete(key);
      over.push(value);
    }
    return over;
  }

  /** The first end, or `never`. */
  nextAt(): Instant {
    let next = never;
    for (const { until } of this.#entries.values()) if (until < next) next = until;
    return next;
  }
}
