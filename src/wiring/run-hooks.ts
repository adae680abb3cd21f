/** Tells those outside what happens to devices; part of the composition root. */
import { hostname } from "node:os";
import type { Gateway } from "../app/gateway.ts";
import { Deliveries, type HookCounts } from "../app/hooks/deliveries.ts";
import { HookQueue, hookQueueFile } from "../app/hooks/hook-queue.ts";
import { HookWatch } from "../app/hooks/hook-watch.ts";
import { GatewayError, messageOf } from "../base/errors.ts";
import { formatWall } from "../base/time.ts";
import type { Config } from "../config/schema.ts";
import { encodeSummary } from "../config/state-device.ts";
import { systemClock } from "../io/clock.ts";
import { openDurableText } from "../io/durable-text.ts";
import { systemFiles } from "../io/files.ts";
import { hookProgram } from "../io/hook-program.ts";
import { webhook } from "../io/webhook.ts";
import type { HookSink } from "../ports/hooks.ts";
import type { Log } from "../ports/log.ts";

export interface RunHooksParts {
  readonly config: Config;
  readonly gateway: Gateway;
  readonly log: Log;
  readonly version: string;
}

export interface Hooks {
  counts(): readonly HookCounts[];
  /** What waits still is kept for the next start. */
  stop(): Promise<void>;
}

/** Never throws: devices are served whether or not anybody hears of it. */
export async function runHooks({ config, gateway, log, version }: RunHooksParts): Promise<Hooks> {
  const { inspection } = gateway;
  const troubles = new Map<string, string>();
  const tell = (of: string, sentence: string | undefined): void => {
    if (sentence) troubles.set(of, sentence);
    else if (!troubles.delete(of)) return;
    inspection.tellHooks([...troubles.values()]);
  };
  const sinks = await openSinks(config, version).catch((thrown: unknown) => {
    log.error(`Hooks cannot start: ${messageOf(thrown)}`);
    tell("start", `No events are told by [hooks]: ${messageOf(thrown)}.`);
    return [];
  });
  const queue = new HookQueue({
    clock: systemClock,
    log,
    file: openDurableText(hookQueueFile(config.state.directory)),
    waiting: () => Object.fromEntries(all.map((one) => [one.counts.sink, one.waiting])),
  });
  const left = await queue.load();
  const all = sinks.map(
    (sink) =>
      new Deliveries({
        clock: systemClock,
        log,
        sink,
        retries: config.hooks.retries,
        most: 2 * config.discovery.max_devices,
        onTrouble: (sentence) => tell(sink.name, sentence),
        onWaiting: () => queue.changed(),
      }),
  );
  for (const one of all) for (const message of left[one.counts.sink] ?? []) one.add(message);
  const wanted = new Set<string>(config.hooks.events);
  const name = hostname();
  const watch = new HookWatch(inspection, (event, device) => {
    if (!wanted.has(event)) return;
    const time = formatWall(systemClock.wall());
    const body = JSON.stringify({ event, time, gateway: name, device: encodeSummary(device) });
    for (const deliveries of all) deliveries.add({ event, mac: device.mac_address, body });
  });
  for (const { name } of sinks) log.info(`Events of devices go to the ${name} of [hooks]`);
  return {
    counts: () => all.map(({ counts }) => counts),
    async stop() {
      watch.stop();
      await queue.stop();
      for (const deliveries of all) deliveries.stop();
    },
  };
}

/** Errors: GatewayError "hooks-file" for a file that is missing or does not hold what it should. */
async function openSinks({ hooks }: Config, version: string): Promise<readonly HookSink[]> {
  const sinks: HookSink[] = [];
  if (hooks.url !== "")
    sinks.push(
      webhook({
        url: hooks.url,
        timeoutMs: hooks.timeout,
        secret: hooks.secret_file === "" ? undefined : (await readSecret(hooks.secret_file)).trim(),
        headers: hooks.header_file === "" ? {} : readHeaders(await readSecret(hooks.header_file)),
        agent: `ipv4-ipv6-gateway/${version}`,
        now: () => systemClock.wall() / 1000,
      }),
    );
  if (hooks.exec !== "") sinks.push(hookProgram({ path: hooks.exec, timeoutMs: hooks.timeout }));
  return sinks;
}

async function readSecret(path: string): Promise<string> {
  const text = await systemFiles.read(path);
  if (text === undefined || text.trim() === "")
    throw new GatewayError("hooks-file", "operator", `${path} is missing or empty`);
  return text;
}

/** Lines `Name: value` (RFC 9110 section 5). What they hold is never shown. */
function readHeaders(text: string): Readonly<Record<string, string>> {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return Object.fromEntries(
    lines.map((line, i) => {
      const [, name = "", value = ""] =
        /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e]*?)\s*$/.exec(line) ?? [];
      if (name !== "" && value !== "") return [name, value];
      throw new GatewayError(
        "hooks-file",
        "operator",
        `line ${i + 1} of hooks.header_file is no "Name: value" of printable characters`,
      );
    }),
  );
}
