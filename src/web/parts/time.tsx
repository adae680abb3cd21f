import { moment } from "../state/clock.ts";
import { absoluteTime, relativeTime } from "../times.ts";

export interface TimeProps {
  /** RFC 3339 */
  readonly at: string | null;
  /** What stands where there is none. */
  readonly none?: string;
  /** Both forms, or how long ago with the other as a tip. */
  readonly both?: boolean;
}

/** A time, told from now and by the calendar. */
export function Time({ at, none = "–", both = false }: TimeProps) {
  if (at === null) return <>{none}</>;
  const now = moment.value;
  if (!both)
    return (
      // A list has dozens of them, of which hardly one is ever pointed at.
      <time dateTime={at} onPointerEnter={(event) => (event.currentTarget.title = absoluteTime(at))}>
        {relativeTime(at, now)}
      </time>
    );
  return (
    <time dateTime={at}>
      {relativeTime(at, now)} <span class="dim">({absoluteTime(at, now)})</span>
    </time>
  );
}
