/** Kernel events by rtnetlink and nftables; where the library of nftables cannot be loaded, by a supervised `nft monitor`, since it is `nft` that changes things there. */
import type { KernelEvent } from "../../ports/kernel.ts";
import { Respawn } from "../respawn.ts";
import { watchEvents } from "./kernel-events.ts";
import { nftLibrary } from "./nft-library.ts";
import { parseNftLine, type TableName } from "./nft-line.ts";
import type { OwnWriters } from "./own-writers.ts";
import { watchRulesets } from "./ruleset-events.ts";

/** It subscribes within milliseconds of its start but says nothing about it; what changed until then is observed once. */
const SUBSCRIBED_AFTER_MS = 250;

export function watchKernel(
  tables: readonly TableName[],
  writers: OwnWriters,
  onEvent: (event: KernelEvent) => void,
): { stop(): Promise<void> } {
  const events = watchEvents(writers, onEvent);
  const rulesets = nftLibrary() ? watchRulesets(tables, onEvent) : watchNft(tables, onEvent);
  return {
    async stop() {
      await Promise.all([events.stop(), rulesets.stop()]);
    },
  };
}

/** For where the library cannot be loaded. */
export function watchNft(
  tables: readonly TableName[],
  onEvent: (event: KernelEvent) => void,
): { stop(): Promise<void> } {
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
  const killAtExit = (): void => monitor.signal("SIGKILL");
  process.once("exit", killAtExit);
  monitor.start();
  return {
    async stop() {
      clearTimeout(subscribed);
      await monitor.stop();
      process.off("exit", killAtExit);
    },
  };
}
