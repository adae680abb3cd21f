/** Less memory for a little more time: a router has no more of it than a gigabyte, and other things to do with that. */
import { setFlagsFromString } from "node:v8";

/**
 * Lets V8 collect garbage earlier, from now on: with a thousand devices the heap lives in 35 MB and takes twice as much otherwise. To be called before much
 * is allocated.
 */
export function collectEarly(): void {
  setFlagsFromString("--optimize-for-size");
  setFlagsFromString("--semi-space-growth-factor=1");
}
