/** A source of randomness, handed in so that runs can be repeated. */
export interface Rng {
  /** A uniform integer from 0 to 2^32-1. */
  uint32(): number;
}

/** Uniform in [low, high). */
export const uniform = (rng: Rng, low: number, high: number): number =>
  low + (rng.uint32() / 2 ** 32) * (high - low);

/** A small repeatable generator (mulberry32) for tests and simulations; not for secrets. */
export function seededRng(seed: number): Rng {
  let state = seed >>> 0;
  return {
    uint32() {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return (t ^ (t >>> 14)) >>> 0;
    },
  };
}
