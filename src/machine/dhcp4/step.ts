/**
 * The DHCPv4 client of one device as a function: RFC 2131, with the address check of RFC 5227. Time and randomness come in,
 * messages and the moment to wake come out; nothing here sends, sleeps or remembers.
 */
import type { Instant } from "../../base/time.ts";
import { stepHeld } from "./held.ts";
import type { Dhcp4Env, Dhcp4Input, Dhcp4Result } from "./interface.ts";
import { stepResting } from "./preference.ts";
import { stepProbing } from "./probing.ts";
import { stepRequesting } from "./requesting.ts";
import { stepSelecting } from "./selecting.ts";
import { type Dhcp4State, type Transition, wakeAt } from "./state.ts";
import { stepStopped, stepWaiting } from "./waiting.ts";

export { type Dhcp4State, heldLease, initialState } from "./state.ts";

/**
 * One input. The effects are to be carried out in their order. After a `timer` the returned `wakeAt` lies after `now`;
 * after another input it may already be due.
 */
export function step(
  state: Dhcp4State,
  input: Dhcp4Input,
  now: Instant,
  env: Dhcp4Env,
): Dhcp4Result<Dhcp4State> {
  const next = transition(state, input, now, env);
  return { ...next, wakeAt: wakeAt(next.state) };
}

function transition(state: Dhcp4State, input: Dhcp4Input, now: Instant, env: Dhcp4Env): Transition {
  switch (state.tag) {
    case "stopped":
      return stepStopped(state, input, now, env);
    case "waiting":
    case "failed":
      return stepWaiting(state, input, now, env);
    case "resting":
      return stepResting(state, input, now, env);
    case "selecting":
      return stepSelecting(state, input, now, env);
    case "requesting":
      return stepRequesting(state, input, now, env);
    case "probing":
      return stepProbing(state, input, now, env);
    case "rebooting":
    case "announcing":
    case "bound":
    case "renewing":
    case "rebinding":
      return stepHeld(state, input, now, env);
  }
}
