/** Octets and rates for people. */
import { once } from "./once.ts";

const prefixes = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** As `1.2 MB`; decimal prefixes. */
export function bytes(count: number): string {
  const power = Math.min(prefixes.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)));
  const value = count / 1_000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${prefixes[power]}`;
}

export const perSecond = (count: number): string => `${bytes(count)}/s`;

const whole = once(() => new Intl.NumberFormat("en"));
export const number = (count: number): string => whole().format(count);

/** What an interface has counted at a moment. */
export interface Reading {
  /** Seconds of any clock that does not jump. */
  readonly at: number;
  readonly received: number;
  readonly sent: number;
}

/** Bytes a second since the reading before; undefined: the counters began anew. */
export function rateBetween(
  before: Reading,
  now: Reading,
): { readonly received: number; readonly sent: number } | undefined {
  const seconds = now.at - before.at;
  if (seconds <= 0 || now.received < before.received || now.sent < before.sent) return undefined;
  return { received: (now.received - before.received) / seconds, sent: (now.sent - before.sent) / seconds };
}
