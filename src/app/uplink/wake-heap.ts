import { type Instant, never } from "../../base/time.ts";

interface Entry<K> {
  readonly key: K;
  readonly at: Instant;
}

/** Deadlines by key in a binary heap: set and take are O(log n); an entry that was set anew is passed over when it surfaces. */
export class WakeHeap<K> {
  readonly #heap: Entry<K>[] = [];
  readonly #due = new Map<K, Instant>();

  get size(): number {
    return this.#due.size;
  }

  set(key: K, at: Instant): void {
    if (at === never) {
      this.#due.delete(key);
      return;
    }
    if (this.#due.get(key) === at) return;
    this.#due.set(key, at);
    this.#heap.push({ key, at });
    this.#up(this.#heap.length - 1);
  }

  delete(key: K): void {
    this.#due.delete(key);
  }

  /** The earliest deadline, or `never`. */
  next(): Instant {
    this.#prune();
    return this.#heap[0]?.at ?? never;
  }

  /** Removes and returns one key whose deadline is not after `now`. */
  take(now: Instant): K | undefined {
    this.#prune();
    const top = this.#heap[0];
    if (!top || top.at > now) return undefined;
    this.#pop();
    this.#due.delete(top.key);
    return top.key;
  }

  #prune(): void {
    for (let top = this.#heap[0]; top && this.#due.get(top.key) !== top.at; top = this.#heap[0]) this.#pop();
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#down(0);
    }
  }

  #at(i: number): number {
    return this.#heap[i]?.at ?? Number.POSITIVE_INFINITY;
  }
  #swap(i: number, j: number): void {
    const a = this.#heap[i] as Entry<K>;
    this.#heap[i] = this.#heap[j] as Entry<K>;
    this.#heap[j] = a;
  }
  #up(start: number): void {
    for (let i = start; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (this.#at(parent) <= this.#at(i)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }
  #down(start: number): void {
    for (let i = start; ; ) {
      const left = 2 * i + 1;
      const least = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (this.#at(least) >= this.#at(i)) return;
      this.#swap(i, least);
      i = least;
    }
  }
}
