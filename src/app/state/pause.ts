/** How long a file that has just been written is left alone: the larger it is the longer, so that many changes wear no flash. */
import { type Duration, seconds, shortest } from "../../base/time.ts";

/** With a thousand devices a write in two or three seconds; hundreds are never kept waiting. */
const charactersPerSecond = 750_000;
const longest = seconds(4);

export const pauseAfter = (text: string): Duration =>
  shortest(longest, seconds(text.length / charactersPerSecond));
