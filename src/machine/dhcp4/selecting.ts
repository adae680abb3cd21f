/** SELECTING: the first acceptable OFFER is taken at once, there is nothing to gain by comparing. */
import { type Instant, instant, plus, shortest } from "../../base/time.ts";
import { beginRow, broadcastFlag, failAttempt } from "./attempts.ts";
import type { Dhcp4Env, Dhcp4Input } from "./interface.ts";
import { discover, requestOffer, secsSince } from "./messages.ts";
import { prefersV6Only, rest } from "./preference.ts";
import { checkOffer, readReply } from "./replies.ts";
import { ignored, initialState, type Offer, type Selecting, stay, type Transition } from "./state.ts";
import { requestGrace, retransmitDelay } from "./timing.ts";

export function stepSelecting(state: Selecting, input: Dhcp4Input, now: Instant, env: Dhcp4Env): Transition {
  switch (input.kind) {
    case "timer":
      return onTimer(state, now, env);
    case "message":
      return onMessage(state, input, now, env);
    case "link-changed":
    case "moved":
    case "retry":
      return beginRow(now, env);
    case "release":
      return stay(initialState);
    case "start":
    case "arp":
      return stay(state);
  }
}

function onTimer(state: Selecting, now: Instant, env: Dhcp4Env): Transition {
  if (now >= state.endsAt) return failAttempt(state.row, state.outcome, now, env);
  if (now < state.resend.at) return stay(state);
  const secs = secsSince(state.row.startedAt, now);
  const sent = state.resend.sent + 1;
  return {
    state: {
      ...state,
      secs,
      resend: { sent, at: plus(now, retransmitDelay(sent, env.rng)) },
      asked108: env.v6Only,
    },
    effects: [discover(env, state.xid, secs, broadcastFlag(state.row))],
  };
}

function onMessage(
  state: Selecting,
  input: Extract<Dhcp4Input, { kind: "message" }>,
  now: Instant,
  env: Dhcp4Env,
): Transition {
  const reply = readReply(input.message, state.xid, env);
  switch (reply.kind) {
    case "none":
      return stay(state);
    case "ignored":
      return ignored(state, reply.reason);
    case "ack":
    case "nak":
      return ignored(state, `${reply.kind.toUpperCase()} to a DISCOVER`);
    case "offer": {
      // Its address does not matter then; there may be none (RFC 8925 section 3.3).
      if (prefersV6Only(reply.message, state.asked108, env)) return rest(reply.message, now);
      const check = checkOffer(reply.message, env);
      return check.ok
        ? request(state, check.offer, now, env)
        : ignored({ ...state, outcome: { kind: "answered", reason: check.reason } }, check.reason);
    }
  }
}

function request(state: Selecting, offer: Offer, now: Instant, env: Dhcp4Env): Transition {
  const { row, xid, secs } = state;
  const least = plus(now, shortest(env.settings.timeout, requestGrace));
  return {
    state: {
      tag: "requesting",
      row,
      offer,
      xid,
      secs,
      sentAt: now,
      resend: { sent: 1, at: plus(now, retransmitDelay(1, env.rng)) },
      endsAt: instant(Math.max(least, state.endsAt)),
      outcome: { kind: "answered", reason: "server offered an address and then did not confirm it" },
      asked108: state.asked108,
    },
    effects: [requestOffer(env, offer, xid, secs, broadcastFlag(row))],
  };
}
