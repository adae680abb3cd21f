/** stopped, and the pauses between attempts. */
import type { Instant } from "../../base/time.ts";
import { beginAttempt, beginRow } from "./attempts.ts";
import { adopt } from "./hold.ts";
import type { Dhcp4Env, Dhcp4Input } from "./interface.ts";
import type { Lease4 } from "./lease.ts";
import {
  type Failed,
  first,
  ignored,
  initialState,
  type Stopped,
  stay,
  type Transition,
  type Waiting,
} from "./state.ts";

/** Only `start` leaves this state: a `retry` or a change of the network is no reason to come back for a forgotten device. */
export function stepStopped(state: Stopped, input: Dhcp4Input, now: Instant, env: Dhcp4Env): Transition {
  switch (input.kind) {
    case "start":
      return start(input.stored, now, env);
    case "timer":
    case "message":
    case "arp":
    case "link-changed":
    case "moved":
    case "retry":
    case "release":
      return stay(state);
  }
}

function start(stored: Lease4 | undefined, now: Instant, env: Dhcp4Env): Transition {
  if (stored === undefined || stored.expiresAt <= now) return beginRow(now, env);
  const refused = env.refuse(stored.address);
  if (refused === undefined) return adopt(stored, now, env);
  const begun = beginRow(now, env);
  return first(ignored(begun.state, `stored lease of ${stored.address} not used: ${refused}`).effects, begun);
}

export function stepWaiting(
  state: Waiting | Failed,
  input: Dhcp4Input,
  now: Instant,
  env: Dhcp4Env,
): Transition {
  switch (input.kind) {
    case "timer":
      return now < state.resumeAt ? stay(state) : beginAttempt(state.row, now, env);
    case "link-changed":
    case "moved":
    case "retry":
      return beginRow(now, env);
    case "release":
      return stay(initialState);
    case "start":
    case "message":
    case "arp":
      return stay(state);
  }
}
