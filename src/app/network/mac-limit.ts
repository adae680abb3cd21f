/** Whether it is the later ones that are not answered. */
export interface MacLimit {
  readonly works: number;
  readonly silent: number;
}

/** So many silent ones at the end are no chance: a few that are not registered stand anywhere, and seldom all at the end. */
const fewestSilent = 6;

/** @param answered of each device in the order in which the switch met them */
export function limitIn(answered: readonly boolean[]): MacLimit | undefined {
  const works = answered.filter((is) => is).length;
  const last = answered.lastIndexOf(true) + 1;
  const silent = answered.length - last;
  const amongFirst = last - works;
  // Some among the first may be unregistered, too, but seldom in comparison.
  if (works < 2 || silent < fewestSilent || amongFirst * 8 > last) return undefined;
  // With few that work, the others are many by chance when most devices are not registered.
  return silent * works >= 4 * fewestSilent ? { works, silent } : undefined;
}
