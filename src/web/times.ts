/** Times for people, seen from the gateway's clock: a router's may be years away from the browser's. */

import { once } from "./once.ts";

let offset = 0;

/** Learns what the gateway's clock shows. @param date the header of an answer (RFC 9110 section 6.6.1) */
export function learnClock(date: string | null): void {
  const told = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(told)) return;
  const difference = told - Date.now();
  // The header counts in seconds.
  offset = Math.abs(difference) > 2_000 ? difference : 0;
}

/** Milliseconds since 1970, by the gateway. */
export const gatewayNow = (): number => Date.now() + offset;

/** Seconds of each. `Intl.RelativeTimeFormat` has the same words and takes a tenth of a second to make, before the first table. */
const units: readonly (readonly [string, number])[] = [
  ["yr.", 31_536_000],
  ["mo.", 2_592_000],
  ["days", 86_400],
  ["hr.", 3_600],
  ["min.", 60],
  ["sec.", 1],
];

/** As `5 min. ago` or `in 2 hr.`. @param iso RFC 3339 */
export function relativeTime(iso: string, now = gatewayNow()): string {
  const seconds = Math.round((Date.parse(iso) - now) / 1_000);
  const [name, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ["sec.", 1];
  const count = Math.trunc(Math.abs(seconds) / size);
  if (size === 1 && count < 5) return "now";
  if (size === 86_400 && count === 1) return seconds < 0 ? "yesterday" : "tomorrow";
  return seconds < 0 ? `${count} ${name} ago` : `in ${count} ${name}`;
}

/** These take tens of milliseconds to make. */
const sameDay = once(() => new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" }));
const otherDay = once(() => new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" }));

/** In the browser's time zone; the day is left out where it is today's. */
export function absoluteTime(iso: string, now = gatewayNow()): string {
  const date = new Date(iso);
  const today = date.toDateString() === new Date(now).toDateString();
  return (today ? sameDay() : otherDay()).format(date);
}

/** As `2 d 3 h`, `3 h 5 min`, `5 min` or `12 s`. */
export function span(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : `${Math.floor(seconds)} s`;
}
