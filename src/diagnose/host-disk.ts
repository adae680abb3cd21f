/** When a disk is full. */
import type { DiskFact } from "./facts.ts";

/** A write needs room for a second copy. */
const leastFree = 96 * 1024;

export const isFull = ({ free }: Pick<DiskFact, "free">): boolean => free < leastFree;
