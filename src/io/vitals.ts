/** What this process uses. */
import { readFileSync } from "node:fs";

/** Resident memory in megabytes, and threads. */
export function vitals(): {
  readonly memoryMegabytes: number;
  readonly threads: number;
  readonly pid: number;
} {
  const text = readFileSync("/proc/self/status", "utf8");
  const threads = Number(/^Threads:\s+(\d+)$/m.exec(text)?.[1] ?? 1);
  return {
    memoryMegabytes: Math.round(process.memoryUsage.rss() / 104_857.6) / 10,
    threads,
    pid: process.pid,
  };
}
