/** Kernel events by a supervised `ip monitor`. */
import type { KernelEvent } from "../../ports/kernel.ts";
import { Respawn } from "../respawn.ts";
import { parseMonitorLine } from "./monitor-line.ts";

/** The kernel cuts it to net.core.rmem_max. */
const RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024;
/** `ip` subscribes within milliseconds of its start but says nothing about it; what changed until then is observed once. */
const SUBSCRIBED_AFTER_MS = 250;

export function watchKernel(onEvent: (event: KernelEvent) => void): { stop(): Promise<void> } {
  let subscribed: NodeJS.Timeout | undefined;
  const monitor = new Respawn({
    command: "ip",
    args: ["-rcvbuf", String(RECEIVE_BUFFER_BYTES), "monitor", "link", "address", "route", "rule", "neigh"],
    onLine(line) {
      const event = parseMonitorLine(line);
      if (event !== undefined) onEvent(event);
    },
    onStart() {
      subscribed = setTimeout(() => onEvent({ kind: "resync" }), SUBSCRIBED_AFTER_MS);
    },
    onExit: () => clearTimeout(subscribed),
  });
  monitor.start();
  const killAtExit = (): void => monitor.signal("SIGKILL");
  process.once("exit", killAtExit);
  return {
    async stop() {
      clearTimeout(subscribed);
      await monitor.stop();
      process.off("exit", killAtExit);
    },
  };
}
