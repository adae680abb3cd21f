/** How long a file that has just been written is left alone: the larger it is the longer, so that many changes wear no flash. */
import { type Duration, seconds, shortest } from "../../base/time.ts";

/** With a thousand devices a write in five or six seconds; a hundred are hardly kept waiting. */
const charactersPerSecond = 200_000;
const longest = seconds(10);

export const pauseAfter = (text: string): Duration =>
  shortest(longest, seconds(text.length / charactersPerSecond));
