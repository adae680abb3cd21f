/** Adapter of base/Rng: the operating system's random numbers, fetched in pools. */
import { randomFillSync } from "node:crypto";
import type { Rng } from "../base/rng.ts";

const pool = new Uint32Array(256);
let next = pool.length;

export const systemRng: Rng = {
  uint32() {
    if (next >= pool.length) {
      randomFillSync(pool);
      next = 0;
    }
    return pool[next++] ?? 0;
  },
};
