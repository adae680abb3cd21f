/** Time as three types that do not mix: a span, a monotonic moment, a moment on the calendar. All count milliseconds. */

declare const durationBrand: unique symbol;
declare const instantBrand: unique symbol;
declare const wallBrand: unique symbol;

/** A span of time in milliseconds; `forever` is infinite. */
export type Duration = number & { readonly [durationBrand]: true };
/** A moment of the monotonic clock, in milliseconds since an arbitrary start; `never` lies after all others. */
export type Instant = number & { readonly [instantBrand]: true };
/** A moment of the calendar, in milliseconds since 1970 UTC; for disk and display only, because clocks jump. */
export type WallTime = number & { readonly [wallBrand]: true };

export const forever = Number.POSITIVE_INFINITY as Duration;
export const never = Number.POSITIVE_INFINITY as Instant;
export const zero = 0 as Duration;

export const millis = (n: number): Duration => n as Duration;
export const seconds = (n: number): Duration => (n * 1000) as Duration;
export const minutes = (n: number): Duration => (n * 60_000) as Duration;
export const toSeconds = (d: Duration): number => d / 1000;
export const scale = (d: Duration, factor: number): Duration => (d * factor) as Duration;
export const longest = (...ds: Duration[]): Duration => Math.max(...ds) as Duration;
export const shortest = (...ds: Duration[]): Duration => Math.min(...ds) as Duration;

export const instant = (ms: number): Instant => ms as Instant;
export const plus = (t: Instant, d: Duration): Instant => (t + d) as Instant;
/** The span from `from` to `to`; negative when `to` lies before `from`. */
export const between = (from: Instant, to: Instant): Duration => (to - from) as Duration;
export const latest = (...ts: Instant[]): Instant => Math.max(...ts) as Instant;
export const earliest = (...ts: Instant[]): Instant => Math.min(...ts) as Instant;

export const wallTime = (ms: number): WallTime => ms as WallTime;
export const wallPlus = (t: WallTime, d: Duration): WallTime => (t + d) as WallTime;
/** ISO 8601 in UTC with milliseconds, e.g. `2026-01-31T12:00:00.000Z`. */
// biome-ignore lint/style/noRestrictedGlobals: formatting a given moment reads no clock
export const formatWall = (t: WallTime): string => new Date(t).toISOString();
/** The moment an ISO 8601 text names, or undefined when it names none. */
export function parseWall(text: string): WallTime | undefined {
  // biome-ignore lint/style/noRestrictedGlobals: parsing a given text reads no clock
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : (ms as WallTime);
}
