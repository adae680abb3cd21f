/** `gateway events`: what happened to the devices. Part of the composition root. */
import type { RecentEntryJson } from "../api/contract.ts";
import { messageOf } from "../base/errors.ts";
import type { EventsOptions } from "../cli/commands/views.ts";
import type { ConfigPlace, Output } from "../cli/config-place.ts";
import { Known, renderEvent } from "../cli/event-lines.ts";
import { areToday } from "../cli/happenings.ts";
import { terminal } from "../cli/terminal.ts";
import { untilInterrupted } from "../cli/until-interrupted.ts";
import { pause } from "../cli/watch.ts";
import type { ApiClient } from "../io/api-client.ts";
import type { ServerEvent } from "../io/server-events.ts";
import { openClient } from "./ask-api.ts";

const againMs = 1_000;
/** What the API tells at once. */
const most = 1_000;

export async function events(place: ConfigPlace, options: EventsOptions, io: Output): Promise<0> {
  const { api } = await openClient(place);
  // With nothing to show it is still asked for, to learn whether somebody answers.
  const before = await past(api, options.follow ? most : Math.max(1, options.lines));
  const shown = before.slice(before.length - Math.min(options.lines, before.length));
  const moments = shown.map(({ at }) => at);
  const print = (entry: RecentEntryJson): void => {
    const look = terminal();
    const dated = !areToday(moments, look.now);
    const wraps = process.stdout.isTTY === true;
    io.out(options.json ? `${JSON.stringify(entry)}\n` : renderEvent(entry, { ...look, wraps, dated }));
  };
  for (const entry of shown) print(entry);
  if (options.follow)
    await untilInterrupted((signal) => follow(api, new Known(print, before), io.err, signal));
  return 0;
}

async function past(api: ApiClient, limit: number): Promise<readonly RecentEntryJson[]> {
  const path = `/timeline?limit=${limit}`;
  return (await api.get<{ readonly entries: readonly RecentEntryJson[] }>(path)).entries;
}

/** Listens first and asks for the past then, so that nothing is missed in between; after a pause of the daemon the same again. */
async function follow(
  api: ApiClient,
  known: Known,
  err: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let silent = false;
  do {
    const heard = (event: ServerEvent): void => {
      if (event.event === "hello") {
        if (silent) err("gateway: The gateway answers again.\n");
        silent = false;
        void past(api, most).then(
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
