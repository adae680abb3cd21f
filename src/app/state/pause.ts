/** How long a file that has just been written is left alone: the larger it is the longer, so that many changes wear no flash and take little time. */
import { type Duration, seconds, shortest } from "../../base/time.ts";

const longest = seconds(10);

/** Bytes a second of `devices.json`: a hundred devices wait some two seconds, a thousand ten. What one that comes has to tell is one write or two. */
export const devicesRate = 50_000;

export const pauseAfter = (file: Uint8Array, bytesPerSecond = 200_000): Duration =>
  shortest(longest, seconds(file.length / bytesPerSecond));
