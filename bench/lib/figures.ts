/** Of an even number of figures the upper one of the middle two; NaN of none. */
export const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** The median of the ratios of each round, whose two figures were taken close together. */
export const medianRatio = (of: readonly number[], to: readonly number[]): number =>
  median(of.map((figure, round) => figure / (to[round] ?? Number.NaN)));

/** Another order each round, so that none is always the one after the same. */
export const rotated = <T>(all: readonly T[], round: number): readonly T[] =>
  all.map((_, i) => all[(i + round) % all.length] as T);
