/** How often each of some things is there, in the order in which they came. */
export class Tally<K> {
  readonly #counts = new Map<K, number>();

  get keys(): readonly K[] {
    return [...this.#counts.keys()];
  }
  count(key: K): number {
    return this.#counts.get(key) ?? 0;
  }
  has(key: K): boolean {
    return this.#counts.has(key);
  }
  /** What is there no more loses its place. */
  add(key: K, by: number): void {
    const count = this.count(key) + by;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}
