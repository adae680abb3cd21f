/** `gateway events`: what happened to the devices. Part of the composition root. */
import type { RecentEntryJson } from "./api/contract.ts";
import { openClient } from "./ask-api.ts";
import { messageOf } from "./base/errors.ts";
import type { EventsOptions } from "./cli/commands/views.ts";
import type { ConfigPlace, Output } from "./cli/config-place.ts";
import { Known, renderEvent } from "./cli/event-lines.ts";
import { terminal } from "./cli/terminal.ts";
import { untilInterrupted } from "./cli/until-interrupted.ts";
import { pause } from "./cli/watch.ts";
import type { ApiClient } from "./io/api-client.ts";
import type { ServerEvent } from "./io/server-events.ts";

const againMs = 1_000;

export async function events(place: ConfigPlace, options: EventsOptions, io: Output): Promise<0> {
  const { api } = await openClient(place);
  const print = (entry: RecentEntryJson): void =>
    io.out(
      options.json
        ? `${JSON.stringify(entry)}\n`
        : renderEvent(entry, { ...terminal(), wraps: process.stdout.isTTY === true }),
    );
  if (options.follow) await untilInterrupted((signal) => follow(api, options.lines, print, io.err, signal));
  else for (const entry of await past(api, options.lines)) print(entry);
  return 0;
}

async function past(api: ApiClient, lines: number): Promise<readonly RecentEntryJson[]> {
  // With nothing to show it is still asked for, to learn whether somebody answers.
  const { entries } = await api.get<{ readonly entries: readonly RecentEntryJson[] }>(
    `/timeline?limit=${Math.max(1, lines)}`,
  );
  return lines === 0 ? [] : entries;
}

/** Listens first and asks for the past then, so that nothing is missed in between; after a pause of the daemon the same again. */
async function follow(
  api: ApiClient,
  lines: number,
  print: (entry: RecentEntryJson) => void,
  err: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const known = new Known(print);
  let silent = false;
  known.note(await past(api, 1000), lines);
  do {
    const heard = (event: ServerEvent): void => {
      if (event.event === "hello") {
        if (silent) err("gateway: The gateway answers again.\n");
        silent = false;
        void past(api, 1000).then(
          (entries) => known.note(entries),
          () => {},
        );
      } else if (event.event === "timeline") known.add(event.data as RecentEntryJson);
      else if (event.event === "device-removed") known.removed(event.data as RecentEntryJson);
    };
    await api.events("/events?timeline=true", heard, signal).catch((thrown: unknown) => {
      if (signal.aborted || silent) return;
      err(`gateway: ${messageOf(thrown)}; still trying.\n`);
      silent = true;
    });
    if (!signal.aborted && !silent) {
      err("gateway: The gateway does not answer; still trying.\n");
      silent = true;
    }
  } while (await pause(againMs, signal));
}
