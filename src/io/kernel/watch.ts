/** Kernel events by a supervised `ip monitor` and `nft monitor`. */
import type { KernelEvent } from "../../ports/kernel.ts";
import { Respawn } from "../respawn.ts";
import { parseMonitorLine, parseNftLine, type TableName } from "./monitor-line.ts";

/** The kernel cuts it to net.core.rmem_max. */
const RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024;
/** They subscribe within milliseconds of their start but say nothing about it; what changed until then is observed once. */
const SUBSCRIBED_AFTER_MS = 250;

/** What `ip monitor` tells is named on its command line; settings come as netconf. */
const monitorArguments = [
  ...["-rcvbuf", String(RECEIVE_BUFFER_BYTES), "monitor"],
  ...["link", "address", "route", "rule", "neigh", "netconf"],
];

export function watchKernel(
  tables: readonly TableName[],
  onEvent: (event: KernelEvent) => void,
): { stop(): Promise<void> } {
  const monitors = [
    watcher("ip", monitorArguments, parseMonitorLine, onEvent),
    watcher("nft", ["monitor"], (line) => parseNftLine(line, tables), onEvent),
  ];
  const killAtExit = (): void => {
    for (const { monitor } of monitors) monitor.signal("SIGKILL");
  };
  process.once("exit", killAtExit);
  return {
    async stop() {
      await Promise.all(monitors.map((m) => m.stop()));
      process.off("exit", killAtExit);
    },
  };
}

function watcher(
  command: string,
  args: readonly string[],
  parse: (line: string) => KernelEvent | undefined,
  onEvent: (event: KernelEvent) => void,
): { readonly monitor: Respawn; stop(): Promise<void> } {
  let subscribed: NodeJS.Timeout | undefined;
  const monitor = new Respawn({
    command,
    args,
    onLine(line) {
      const event = parse(line);
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
