/**
 * The DHCPv6 client of one device as a function: RFC 8415 (RFC 9915). Time and randomness come in, messages and the moment
 * to wake come out; nothing here sends, sleeps or remembers.
 */
import type { Instant } from "../../base/time.ts";
import { startsAnew } from "./commands.ts";
import { dispatch } from "./dispatch.ts";
import { answeredErrand, repeatErrands } from "./errands.ts";
import { noLimits } from "./exchange.ts";
import type { Dhcp6Env, Dhcp6Input, Dhcp6Result } from "./interface.ts";
import { hear, learnLimits } from "./replies.ts";
import { type Dhcp6State, first, wakeAt } from "./state.ts";

export { type Dhcp6State, heldLease6, initialState6 } from "./state.ts";

/**
 * One input. The effects are to be carried out in their order. After a `timer` the returned `wakeAt` lies after `now`;
 * after another input it may already be due.
 */
export function step(
  state: Dhcp6State,
  input: Dhcp6Input,
  now: Instant,
  env: Dhcp6Env,
): Dhcp6Result<Dhcp6State> {
  const answered = input.kind === "message" ? answeredErrand(state.errands, input.message, env) : undefined;
  if (answered !== undefined) {
    const rest = { ...state, errands: state.errands.filter((errand) => errand !== answered) };
    return { state: rest, effects: [], wakeAt: wakeAt(rest) };
  }
  const { main, errands, limits } = prepare(state, input, env);
  const scene = { now, env, limits };
  const repeated = input.kind === "timer" ? repeatErrands(errands, scene) : { effects: [], errands };
  const next = first(repeated, dispatch(main, input, scene));
  const after = { main: next.main, errands: next.errands, limits };
  return { state: after, effects: next.effects, wakeAt: wakeAt(after) };
}

/** What an input changes around the main state. */
function prepare(state: Dhcp6State, input: Dhcp6Input, env: Dhcp6Env): Dhcp6State {
  const { main, errands, limits } = state;
  switch (input.kind) {
    case "message": {
      const heard = hear(input.message, main, env);
      return heard.kind === "reply" ? { ...state, limits: learnLimits(limits, heard.reply.options) } : state;
    }
    case "moved":
      return { main, errands: [], limits: noLimits };
    case "start":
      // A late RELEASE would take away again what the server is about to grant.
      return input.mode === "stateful" && startsAnew(main, input.mode)
        ? { ...state, errands: errands.filter(({ kind }) => kind !== "release") }
        : state;
    case "timer":
    case "dad":
    case "link-changed":
    case "retry":
    case "release":
      return state;
  }
}
