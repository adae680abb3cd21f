/** Less work for V8's optimizing compiler: what it makes of a burst's code comes when the burst is over (ADR 33). */
import { setFlagsFromString } from "node:v8";

/**
 * Bytes of bytecode that a function runs through between two looks whether it is worth optimizing; V8's own figure is 67584 to 135168. With 1,000 devices at once
 * its threads need 2.7 s of processor time to optimize what then runs for a few seconds more, and takes hardly less time so; what runs for longer is optimized all the same.
 */
export const lateOptimizing = "--interrupt-budget=1000000";

/** What is new is collected by the thread that made it: others wait for a processor while it waits for them. */
export const alone = "--no-parallel-scavenge";

/** For the whole process, from now on. */
export function compileLate(): void {
  // Bun's engine is not V8.
  if (process.versions.bun !== undefined) return;
  setFlagsFromString(lateOptimizing);
  setFlagsFromString(alone);
}
