/** Brings single devices into a running HAProxy: what is there is known, and what is told counts as done when the answers say so. */
import { afterDiff, commandLines, diffHaproxy } from "../../plan/haproxy-diff.ts";
import type { HaproxyKnown } from "../../plan/haproxy-known.ts";
import type { ObservedTables } from "../../plan/haproxy-observed.ts";
import type { HaproxyTables } from "../../plan/haproxy-tables.ts";
import { serversStill } from "./haproxy-answers.ts";

/** `busy`: servers stay for a moment, for their connections. `doubt`: it takes a look at all of it. */
export type PartOutcome = "done" | "busy" | "doubt";

/** The servers with what belongs to them, then the addresses that lead to them. */
const ROUNDS = 2;

/** @param names servers that may be different; `desired` is what is wanted of these and nothing else */
export async function syncPart(
  ask: (line: string) => Promise<string>,
  known: HaproxyKnown,
  names: readonly string[],
  desired: HaproxyTables,
  sendProxy: boolean,
): Promise<PartOutcome> {
  const before = known.part(names, desired.devices.keys());
  let now = before;
  let busy: readonly string[] = [];
  for (let round = 1; ; round++) {
    const commands = diffHaproxy(desired, now, sendProxy);
    if (commands.length === 0 || (round > ROUNDS && busy.length > 0)) break;
    if (round > ROUNDS) return "doubt";
    let answers = "";
    for (const line of commandLines(commands)) answers += await ask(line);
    const still = serversStill(commands, answers);
    if (!still) return "doubt";
    busy = still;
    now = withBusy(afterDiff(desired, now), now, busy);
  }
  known.replace(before, now);
  return busy.length > 0 ? "busy" : "done";
}

/** Those that stay are in maintenance. */
function withBusy(now: ObservedTables, before: ObservedTables, busy: readonly string[]): ObservedTables {
  const servers = new Map(now.servers);
  for (const name of busy) {
    const server = before.servers.get(name);
    if (server) servers.set(name, { ...server, ready: false });
  }
  return { ...now, servers };
}
