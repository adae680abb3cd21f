/** Brings what comes and goes with devices into a running HAProxy, over its runtime socket. */
import { commandLines, diffHaproxy } from "../../plan/haproxy-diff.ts";
import { type ObservedTables, parseTables, tablesQuestions } from "../../plan/haproxy-observed.ts";
import type { HaproxyTables } from "../../plan/haproxy-tables.ts";
import type { RuntimeSockets } from "../../ports/runtime-socket.ts";
import { complaintsIn } from "./haproxy-answers.ts";

export interface Synced {
  readonly observed: ObservedTables;
  /** What is still to do; servers with open connections take a moment. */
  readonly left: number;
  /** What HAProxy refused. */
  readonly complaints: readonly string[];
}

/** Servers first, then the addresses that lead to them, then a look whether all is there. */
const ROUNDS = 3;

export async function syncHaproxy(
  sockets: RuntimeSockets,
  socket: string,
  desired: HaproxyTables,
  sendProxy: boolean,
): Promise<Synced> {
  let complaints: string[] = [];
  for (let round = 1; ; round++) {
    const answers = await Promise.all(tablesQuestions.map((question) => sockets.ask(socket, question)));
    const observed = parseTables(answers);
    const commands = diffHaproxy(desired, observed, sendProxy);
    if (commands.length === 0 || round === ROUNDS) return { observed, left: commands.length, complaints };
    complaints = [];
    for (const line of commandLines(commands)) {
      const answer = await sockets.ask(socket, line);
      complaints.push(...complaintsIn(answer));
    }
  }
}
