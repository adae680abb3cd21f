/** Kernel events by rtnetlink, and by a supervised `nft monitor`. */
import type { KernelEvent } from "../../ports/kernel.ts";
import { Respawn } from "../respawn.ts";
import { watchEvents } from "./kernel-events.ts";
import { parseNftLine, type TableName } from "./nft-line.ts";

/** It subscribes within milliseconds of its start but says nothing about it; what changed until then is observed once. */
const SUBSCRIBED_AFTER_MS = 250;

export function watchKernel(
  tables: readonly TableName[],
  onEvent: (event: KernelEvent) => void,
): { stop(): Promise<void> } {
  const events = watchEvents(onEvent);
  const nft = watchNft(tables, onEvent);
  const killAtExit = (): void => nft.monitor.signal("SIGKILL");
  process.once("exit", killAtExit);
  return {
    async stop() {
      await Promise.all([events.stop(), nft.stop()]);
      process.off("exit", killAtExit);
    },
  };
}

function watchNft(
  tables: readonly TableName[],
  onEvent: (event: KernelEvent) => void,
): { readonly monitor: Respawn; stop(): Promise<void> } {
  let subscribed: NodeJS.Timeout | undefined;
  const monitor = new Respawn({
    command: "nft",
    args: ["monitor"],
    onLine(line) {
      const event = parseNftLine(line, tables);
      if (event !== undefined) onEvent(event);
    },
    onStart() {
      subscribed = setTimeout(() => onEvent({ kind: "resync" }), SUBSCRIBED_AFTER_MS);
    },
    onExit: () => clearTimeout(subscribed),
  });
  monitor.start();
  return {
    monitor,
    async stop() {
      clearTimeout(subscribed);
      await monitor.stop();
    },
  };
}
