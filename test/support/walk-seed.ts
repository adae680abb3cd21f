import { type Rng, seededRng } from "../../src/base/rng.ts";

/** Runs a random walk; a failure names its seed, and WALK_SEED=<seed> repeats it. */
export async function randomWalk(walk: (rng: Rng) => Promise<void>): Promise<void> {
  const seed = Number(process.env.WALK_SEED ?? Math.floor(Math.random() * 2 ** 32));
  try {
    await walk(seededRng(seed));
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Error(`WALK_SEED=${seed}: ${why}`, { cause: thrown });
  }
}

/** A whole number below `n`. */
export const below = (rng: Rng, n: number): number => rng.uint32() % n;

export function pick<T>(rng: Rng, items: readonly T[]): T {
  if (items.length === 0) throw new Error("nothing to pick from");
  return items[below(rng, items.length)] as T;
}
