const firstMs = 1_000;
const mostMs = 15_000;

/** Milliseconds before the next try. @param failures so far, at least 1. @param chance in 0..1: browsers do not all come back at once */
export const waitBefore = (failures: number, chance: number): number =>
  Math.min(mostMs, firstMs * 2 ** (failures - 1)) * (0.75 + chance / 2);
