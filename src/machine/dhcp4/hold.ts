/** Ways into and out of the states that hold an address. */
import { earliest, type Instant, plus } from "../../base/time.ts";
import { beginRow } from "./attempts.ts";
import type { Dhcp4Effect, Dhcp4Env } from "./interface.ts";
import type { Lease4 } from "./lease.ts";
import { requestRebinding, requestReboot, requestRenewal } from "./messages.ts";
import { first, type Held, longAgo, type Transition } from "./state.ts";
import { renewAgainAt, retransmitDelay } from "./timing.ts";

/** A lease from before a restart is used at once (RFC 2131 section 3.2), so that nothing is dropped while it is verified. */
export const adopt = (lease: Lease4, now: Instant, env: Dhcp4Env): Transition =>
  first([{ kind: "configure", lease }], verify({ lease, defendedAt: longAgo }, now, env));

/** INIT-REBOOT: asks whether the lease still holds, RFC 2131 sections 3.2 and 3.7. */
export function verify(held: Held, now: Instant, env: Dhcp4Env): Transition {
  const exchange = { xid: env.rng.uint32(), startedAt: now, sentAt: now, asked108: env.v6Only };
  return {
    state: {
      tag: "rebooting",
      held,
      exchange,
      resend: { sent: 1, at: plus(now, retransmitDelay(1, env.rng)) },
      endsAt: earliest(plus(now, env.settings.timeout), held.lease.expiresAt),
    },
    effects: [
      { kind: "event", event: { kind: "requesting", attempt: 1, of: 1, how: "init-reboot" } },
      requestReboot(env, held.lease, exchange),
    ],
  };
}

export function renew(held: Held, now: Instant, env: Dhcp4Env): Transition {
  const { lease } = held;
  const exchange = { xid: env.rng.uint32(), startedAt: now, sentAt: now, asked108: env.v6Only };
  return {
    state: { tag: "renewing", held, exchange, resendAt: renewAgainAt(lease, lease.rebindAt, now) },
    effects: [requestRenewal(env, lease, exchange)],
  };
}

/** `startedAt`: when the renewal began that found no answer until T2. */
export function rebind(held: Held, startedAt: Instant, now: Instant, env: Dhcp4Env): Transition {
  const { lease } = held;
  const exchange = { xid: env.rng.uint32(), startedAt, sentAt: now, asked108: env.v6Only };
  return {
    state: { tag: "rebinding", held, exchange, resendAt: renewAgainAt(lease, lease.expiresAt, now) },
    effects: [requestRebinding(env, lease, exchange)],
  };
}

/** The state this lease is in at this moment: BOUND, RENEWING, REBINDING, or at its end. */
export function settle(held: Held, now: Instant, env: Dhcp4Env): Transition {
  const { lease } = held;
  if (now >= lease.expiresAt) return expire(lease, now, env);
  if (now >= lease.rebindAt) return rebind(held, now, now, env);
  if (now >= lease.renewAt) return renew(held, now, env);
  return { state: { tag: "bound", held }, effects: [] };
}

/** RFC 2131 section 4.4.5: the address goes at once, and the client starts over. */
export const expire = (lease: Lease4, now: Instant, env: Dhcp4Env): Transition =>
  first(drop(lease, "the lease ended and no server renewed it"), beginRow(now, env));

export const drop = ({ address }: Lease4, reason: string): readonly Dhcp4Effect[] => [
  { kind: "deconfigure", address },
  { kind: "event", event: { kind: "lost", address, reason } },
];
