/** What time does to a held lease: announcement, T1, T2, retransmissions, the end (RFC 2131 section 4.4.5). */
import { type Instant, plus } from "../../base/time.ts";
import { expire, rebind, settle } from "./hold.ts";
import type { Dhcp4Env } from "./interface.ts";
import { requestRebinding, requestReboot, requestRenewal } from "./messages.ts";
import {
  type Announcing,
  type Bound,
  first,
  type Rebinding,
  type Rebooting,
  type Renewing,
  stay,
  type Transition,
} from "./state.ts";
import { renewAgainAt, retransmitDelay } from "./timing.ts";

export function onBoundTimer(state: Announcing | Bound, now: Instant, env: Dhcp4Env): Transition {
  const { held } = state;
  const { lease } = held;
  if (now >= lease.renewAt || now >= lease.expiresAt) return settle(held, now, env);
  if (state.tag === "bound" || now < state.announceAt) return stay(state);
  return { state: { tag: "bound", held }, effects: [{ kind: "arp-announce", ip: lease.address }] };
}

export function onRenewingTimer(state: Renewing, now: Instant, env: Dhcp4Env): Transition {
  const { lease } = state.held;
  if (now >= lease.expiresAt) return expire(lease, now, env);
  if (now >= lease.rebindAt) return rebind(state.held, state.exchange.startedAt, now, env);
  if (now < state.resendAt) return stay(state);
  const exchange = { ...state.exchange, sentAt: now, asked108: env.v6Only };
  return {
    state: { ...state, exchange, resendAt: renewAgainAt(lease, lease.rebindAt, now) },
    effects: [requestRenewal(env, lease, exchange)],
  };
}

export function onRebindingTimer(state: Rebinding, now: Instant, env: Dhcp4Env): Transition {
  const { lease } = state.held;
  if (now >= lease.expiresAt) return expire(lease, now, env);
  if (now < state.resendAt) return stay(state);
  const exchange = { ...state.exchange, sentAt: now, asked108: env.v6Only };
  return {
    state: { ...state, exchange, resendAt: renewAgainAt(lease, lease.expiresAt, now) },
    effects: [requestRebinding(env, lease, exchange)],
  };
}

/** Unanswered, the lease is kept until its end, as RFC 2131 section 3.2 item 3 allows. */
export function onRebootingTimer(state: Rebooting, now: Instant, env: Dhcp4Env): Transition {
  const { held } = state;
  const { lease } = held;
  if (now >= lease.expiresAt) return expire(lease, now, env);
  if (now >= state.endsAt)
    return first(
      [{ kind: "event", event: { kind: "obtained", lease, how: "kept" } }],
      settle(held, now, env),
    );
  if (now < state.resend.at) return stay(state);
  const exchange = { ...state.exchange, sentAt: now, asked108: env.v6Only };
  const sent = state.resend.sent + 1;
  return {
    state: { ...state, exchange, resend: { sent, at: plus(now, retransmitDelay(sent, env.rng)) } },
    effects: [requestReboot(env, lease, exchange)],
  };
}
