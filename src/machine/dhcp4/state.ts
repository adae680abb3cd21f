/** The states of the client: RFC 2131 figure 5, plus PROBING (RFC 5227) and the pauses between attempts. */
import type { Ip4 } from "../../base/ip4.ts";
import { earliest, type Instant, instant, never } from "../../base/time.ts";
import type { Dhcp4Effect } from "./interface.ts";
import type { Lease4 } from "./lease.ts";

/** A row of attempts to get an address: from the first DISCOVER until a lease is held. */
export interface Row {
  /** When the client began to acquire an address: `secs` counts from here over all attempts (RFC 2131 table 1). */
  readonly startedAt: Instant;
  /** From 1; beyond `settings.retries` these are the slow attempts of a failed client. */
  readonly attempt: number;
  /** Attempts that brought no OFFER at all. */
  readonly silent: number;
  /** NAKs in a row. */
  readonly naks: number;
  /** The likely reason why there is no lease yet. */
  readonly why: string;
}

/** What an attempt counts as should it end now. */
export type Outcome =
  | { readonly kind: "silence" }
  | { readonly kind: "answered"; readonly reason: string }
  | { readonly kind: "nak"; readonly reason: string };

/** The retransmissions of one message: how many went out, when the next is due. */
export interface Resend {
  readonly sent: number;
  readonly at: Instant;
}

export interface Offer {
  readonly address: Ip4;
  readonly serverId: Ip4;
}

/** A lease whose address is on the identity. */
export interface Held {
  readonly lease: Lease4;
  /** When we last defended the address (RFC 5227 section 2.4 b); `longAgo` when never. */
  readonly defendedAt: Instant;
}

/** A REQUEST for a lease that is held. */
export interface Exchange {
  readonly xid: number;
  /** `secs` counts from here. */
  readonly startedAt: Instant;
  /** When the last REQUEST went out; the times of the granted lease count from here (RFC 2131 section 4.4.5). */
  readonly sentAt: Instant;
  /** Whether the last REQUEST asked for option 108. */
  readonly asked108: boolean;
}

export const longAgo = instant(Number.NEGATIVE_INFINITY);

export interface Stopped {
  readonly tag: "stopped";
}
/** Pause before the next quick attempt; `row` is that attempt's. */
export interface Waiting {
  readonly tag: "waiting";
  readonly row: Row;
  readonly resumeAt: Instant;
}
/** The network prefers IPv6 alone: the pause that it asks for (RFC 8925 V6ONLY_WAIT). */
export interface Resting {
  readonly tag: "resting";
  readonly resumeAt: Instant;
}
/** Pause before the next slow attempt: all quick ones were in vain. */
export interface Failed {
  readonly tag: "failed";
  readonly row: Row;
  readonly resumeAt: Instant;
}
export interface Selecting {
  readonly tag: "selecting";
  readonly row: Row;
  readonly xid: number;
  /** `secs` of the last DISCOVER. */
  readonly secs: number;
  readonly resend: Resend;
  readonly endsAt: Instant;
  readonly outcome: Outcome;
  /** Whether the last DISCOVER asked for option 108. */
  readonly asked108: boolean;
}
export interface Requesting {
  readonly tag: "requesting";
  readonly row: Row;
  readonly offer: Offer;
  /** Those of the DISCOVER (RFC 2131 section 3.1 item 3 and table 5). */
  readonly xid: number;
  readonly secs: number;
  /** When the last REQUEST went out. */
  readonly sentAt: Instant;
  readonly resend: Resend;
  readonly endsAt: Instant;
  readonly outcome: Outcome;
  /** Whether the DISCOVER asked for option 108. */
  readonly asked108: boolean;
}
/** The lease is granted, its address not yet taken. */
export interface Probing {
  readonly tag: "probing";
  readonly row: Row;
  readonly lease: Lease4;
  readonly probes: Resend;
}
/** INIT-REBOOT and REBOOTING: a lease from before a restart or a change of the link is being verified while in use. */
export interface Rebooting {
  readonly tag: "rebooting";
  readonly held: Held;
  readonly exchange: Exchange;
  readonly resend: Resend;
  readonly endsAt: Instant;
}
/** BOUND, with the second announcement still to come (RFC 5227 section 2.3). */
export interface Announcing {
  readonly tag: "announcing";
  readonly held: Held;
  readonly announceAt: Instant;
}
export interface Bound {
  readonly tag: "bound";
  readonly held: Held;
}
export interface Renewing {
  readonly tag: "renewing";
  readonly held: Held;
  readonly exchange: Exchange;
  readonly resendAt: Instant;
}
export interface Rebinding {
  readonly tag: "rebinding";
  readonly held: Held;
  readonly exchange: Exchange;
  readonly resendAt: Instant;
}

/** The address is on the identity in all of these, and in no other. */
export type HeldState = Rebooting | Announcing | Bound | Renewing | Rebinding;
export type Dhcp4State = Stopped | Waiting | Failed | Resting | Selecting | Requesting | Probing | HeldState;

/** A state and what to do on the way into it. */
export interface Transition {
  readonly state: Dhcp4State;
  readonly effects: readonly Dhcp4Effect[];
}

export const initialState: Dhcp4State = { tag: "stopped" };

export const stay = (state: Dhcp4State): Transition => ({ state, effects: [] });
export const ignored = (state: Dhcp4State, reason: string): Transition => ({
  state,
  effects: [{ kind: "event", event: { kind: "ignored", reason } }],
});
/** `then`, with `effects` before its own. */
export const first = (effects: readonly Dhcp4Effect[], then: Transition): Transition => ({
  state: then.state,
  effects: [...effects, ...then.effects],
});

/** The lease whose address is configured in this state, if any. */
export function heldLease(state: Dhcp4State): Lease4 | undefined {
  return "held" in state ? state.held.lease : undefined;
}

/** The next moment at which this state changes by itself. */
export function wakeAt(state: Dhcp4State): Instant {
  switch (state.tag) {
    case "stopped":
      return never;
    case "waiting":
    case "failed":
    case "resting":
      return state.resumeAt;
    case "selecting":
    case "requesting":
    case "rebooting":
      return earliest(state.resend.at, state.endsAt);
    case "probing":
      return state.probes.at;
    case "announcing":
      return earliest(state.announceAt, state.held.lease.renewAt, state.held.lease.expiresAt);
    case "bound":
      return earliest(state.held.lease.renewAt, state.held.lease.expiresAt);
    case "renewing":
      return earliest(state.resendAt, state.held.lease.rebindAt, state.held.lease.expiresAt);
    case "rebinding":
      return earliest(state.resendAt, state.held.lease.expiresAt);
  }
}
