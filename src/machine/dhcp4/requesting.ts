/** REQUESTING: one server was chosen; only its word counts. */
import { type Instant, plus } from "../../base/time.ts";
import { beginRow, broadcastFlag, failAttempt } from "./attempts.ts";
import { leaseFromAck } from "./grant.ts";
import type { Dhcp4Env, Dhcp4Input } from "./interface.ts";
import { requestOffer } from "./messages.ts";
import { nakReason, readReply } from "./replies.ts";
import { ignored, initialState, type Requesting, stay, type Transition } from "./state.ts";
import { takeAddress } from "./take.ts";
import { retransmitDelay } from "./timing.ts";

type MessageInput = Extract<Dhcp4Input, { kind: "message" }>;

export function stepRequesting(
  state: Requesting,
  input: Dhcp4Input,
  now: Instant,
  env: Dhcp4Env,
): Transition {
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

function onTimer(state: Requesting, now: Instant, env: Dhcp4Env): Transition {
  if (now >= state.endsAt) return failAttempt(state.row, state.outcome, now, env);
  if (now < state.resend.at) return stay(state);
  const sent = state.resend.sent + 1;
  const resend = { sent, at: plus(now, retransmitDelay(sent, env.rng)) };
  return {
    state: { ...state, sentAt: now, resend },
    effects: [requestOffer(env, state.offer, state.xid, state.secs, broadcastFlag(state.row))],
  };
}

function onMessage(state: Requesting, input: MessageInput, now: Instant, env: Dhcp4Env): Transition {
  const reply = readReply(input.message, state.xid, env);
  switch (reply.kind) {
    case "none":
    case "offer":
      // More servers than one, or the chosen one answering a retransmission: nothing to remark.
      return stay(state);
    case "ignored":
      return ignored(state, reply.reason);
    case "ack":
    case "nak": {
      const name = reply.kind.toUpperCase();
      if (reply.serverId === undefined) return ignored(state, `${name} names no server`);
      if (reply.serverId !== state.offer.serverId)
        return ignored(state, `${name} of ${reply.serverId}, but ${state.offer.serverId} was chosen`);
      return reply.kind === "ack"
        ? onAck(state, input, now, env)
        : failAttempt(state.row, { kind: "nak", reason: nakReason(reply.message) }, now, env);
    }
  }
}

function onAck(state: Requesting, input: MessageInput, now: Instant, env: Dhcp4Env): Transition {
  const lease = leaseFromAck(
    {
      message: input.message,
      serverId: state.offer.serverId,
      serverMac: input.sourceMac,
      sentAt: state.sentAt,
      asked108: state.asked108,
    },
    now,
    env.rng,
  );
  return lease.ok
    ? takeAddress(lease.value, state.row, now, env)
    : ignored({ ...state, outcome: { kind: "answered", reason: lease.error } }, lease.error);
}
