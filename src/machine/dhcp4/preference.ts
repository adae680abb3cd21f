/** IPv6-Only Preferred (RFC 8925): the network asks hosts that can do without IPv4 to leave its addresses to others. */
import { type Instant, longest, plus, seconds } from "../../base/time.ts";
import type { Dhcp4Message } from "../../wire/dhcp4/message.ts";
import { beginRow } from "./attempts.ts";
import type { Dhcp4Env, Dhcp4Input } from "./interface.ts";
import { initialState, type Resting, stay, type Transition } from "./state.ts";

/** MIN_V6ONLY_WAIT (RFC 8925 section 3.4). */
const leastWait = seconds(300);

/** Whether this reply has option 108, which was asked for, and the device can still do without IPv4. */
export const prefersV6Only = ({ options }: Dhcp4Message, asked108: boolean, env: Dhcp4Env): boolean =>
  asked108 && env.v6Only && options.v6OnlyPreferred !== undefined;

/** No DHCPv4 for V6ONLY_WAIT, or until the link changes. */
export function rest({ options }: Dhcp4Message, now: Instant): Transition {
  const resumeAt = plus(now, longest(seconds(options.v6OnlyPreferred ?? 0), leastWait));
  return {
    state: { tag: "resting", resumeAt },
    effects: [{ kind: "event", event: { kind: "resting", until: resumeAt } }],
  };
}

export function stepResting(state: Resting, input: Dhcp4Input, now: Instant, env: Dhcp4Env): Transition {
  switch (input.kind) {
    case "timer":
      return now < state.resumeAt ? stay(state) : beginRow(now, env);
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
