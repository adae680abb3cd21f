/** How late timers of this process are because it is busy. Node.js has a monitor of its own, which wakes the process a hundred times a second for it. */
import { performance } from "node:perf_hooks";

/** Whatever holds up the event loop for longer is seen at once. */
const everyMs = 500;
/** The last five minutes. */
const kept = 600;

/** Seconds. */
export type LoopLag = Readonly<Record<"min" | "max" | "mean" | "stddev" | "p50" | "p90" | "p99", number>>;

/** Of milliseconds; all 0 where there are none. */
export function lagOf(late: readonly number[]): LoopLag {
  const sorted = late.map((ms) => ms / 1000).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  const mean = sorted.reduce((sum, s) => sum + s, 0) / Math.max(1, sorted.length);
  const variance = sorted.reduce((sum, s) => sum + (s - mean) ** 2, 0) / Math.max(1, sorted.length);
  return {
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
    mean,
    stddev: Math.sqrt(variance),
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
  };
}

let late: number[] | undefined;

/** Since the last call; the first one starts the measuring, which goes on for as long as the process lives. */
export function loopLag(): LoopLag {
  if (!late) watch();
  const lag = lagOf(late ?? []);
  late = [];
  return lag;
}

function watch(): void {
  let due = performance.now() + everyMs;
  setInterval(() => {
    const now = performance.now();
    if (late && late.push(Math.max(0, now - due)) > kept) late.shift();
    due = now + everyMs;
  }, everyMs).unref();
}
