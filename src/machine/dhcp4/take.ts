/** From a granted lease towards its address: refusal, PROBING, DECLINE. */
import { type Instant, plus } from "../../base/time.ts";
import { failAttempt } from "./attempts.ts";
import type { Dhcp4Env } from "./interface.ts";
import type { Lease4 } from "./lease.ts";
import { decline } from "./messages.ts";
import { first, type Row, type Transition } from "./state.ts";
import { declinePause, probeGap } from "./timing.ts";

/** A freshly granted address is probed first; one that we must not take is declined. */
export function takeAddress(lease: Lease4, row: Row, now: Instant, env: Dhcp4Env): Transition {
  const refused = env.refuse(lease.address);
  if (refused !== undefined) return declineGrant(lease, row, `${lease.address}: ${refused}`, now, env);
  return {
    state: { tag: "probing", row, lease, probes: { sent: 1, at: plus(now, probeGap(env.rng)) } },
    effects: [{ kind: "arp-probe", ip: lease.address }],
  };
}

/** A declined address is a failed attempt, so a server that hands out nothing else ends in the slow retries. */
export const declineGrant = (lease: Lease4, row: Row, why: string, now: Instant, env: Dhcp4Env): Transition =>
  first(
    [decline(env, lease.address, lease.serverId, why)],
    failAttempt(row, { kind: "answered", reason: `address declined: ${why}` }, now, env, declinePause),
  );
