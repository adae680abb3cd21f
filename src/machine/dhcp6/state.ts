/** The states of the client: RFC 8415 section 18.2, and the pauses between attempts. */
import type { Ip6 } from "../../base/ip6.ts";
import { earliest, type Instant, never } from "../../base/time.ts";
import { type Exchange, type Limits, noLimits } from "./exchange.ts";
import type { Dhcp6Effect, Dhcp6Env, Dhcp6Mode } from "./interface.ts";
import type { Information6, Lease6 } from "./lease.ts";

/** A row of attempts: from the first message until a lease is held, or the information is there. */
export interface Row {
  readonly mode: Dhcp6Mode;
  /** `elapsed` of SOLICIT and INFORMATION-REQUEST counts from here over all attempts: stand-by servers wait for a client whom nobody serves. */
  readonly startedAt: Instant;
  /** From 1; beyond `settings.retries` these are the slow attempts of a failed client. */
  readonly attempt: number;
  /** NotOnLink in a row. */
  readonly refusals: number;
  /** The likely reason why there is nothing yet. */
  readonly why: string;
  /** DUIDs of servers that advertised and then did not confirm: taken only when there is no other. */
  readonly shunned: readonly Uint8Array[];
}

/** What an attempt counts as should it end now. */
export type Outcome =
  | { readonly kind: "silence" }
  | { readonly kind: "answered"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string };

/** What one ADVERTISE offers that we may take. */
export interface Offer {
  readonly serverId: Uint8Array;
  readonly preference: number;
  readonly addresses: readonly Ip6[];
}

/** A lease whose addresses are on the identity. */
export interface Held {
  readonly lease: Lease6;
  /** The attempts that brought it, until the kernel found one of its addresses good. */
  readonly row: Row | undefined;
  /** When the next of its addresses becomes deprecated or ends. */
  readonly ageAt: Instant;
}

/** A message to a server that nothing waits for: RELEASE, DECLINE (RFC 8415 sections 18.2.7 and 18.2.8). */
export interface Errand {
  readonly kind: "release" | "decline";
  readonly addresses: readonly Ip6[];
  readonly serverId: Uint8Array;
  readonly exchange: Exchange;
}

export interface Stopped {
  readonly tag: "stopped";
}
/** Pause before the next attempt; `failed`: all quick ones were in vain. `row` is that attempt's. */
export interface Waiting {
  readonly tag: "waiting" | "failed";
  readonly row: Row;
  readonly resumeAt: Instant;
}
export interface Soliciting {
  readonly tag: "soliciting";
  readonly row: Row;
  readonly exchange: Exchange;
  /** `never` until the first message went out. */
  readonly endsAt: Instant;
  readonly outcome: Outcome;
  /** The best ADVERTISE so far, while the first RT lasts. */
  readonly best: Offer | undefined;
}
export interface Requesting {
  readonly tag: "requesting";
  readonly row: Row;
  readonly offer: Offer;
  readonly exchange: Exchange;
  readonly endsAt: Instant;
  readonly outcome: Outcome;
}
/** A lease from before a restart or a change of the link is verified while in use. */
export interface Confirming {
  readonly tag: "confirming";
  readonly held: Held;
  readonly exchange: Exchange;
  /** `never` until the first message went out. */
  readonly endsAt: Instant;
}
export interface Bound {
  readonly tag: "bound";
  readonly held: Held;
}
export interface Renewing {
  readonly tag: "renewing" | "rebinding";
  readonly held: Held;
  readonly exchange: Exchange;
}
/** A server knew nothing of the lease it was to extend, and is asked to grant it anew (RFC 8415 section 18.2.10.1). */
export interface Reclaiming {
  readonly tag: "reclaiming";
  readonly held: Held;
  readonly serverId: Uint8Array;
  readonly how: "renew" | "rebind";
  readonly exchange: Exchange;
}
/** Stateless: INFORMATION-REQUEST is out. */
export interface Asking {
  readonly tag: "asking";
  readonly row: Row;
  readonly exchange: Exchange;
  /** `never` until the first message went out. */
  readonly endsAt: Instant;
  readonly outcome: Outcome;
}
export interface Informed {
  readonly tag: "informed";
  readonly information: Information6;
  readonly refreshAt: Instant;
}

/** A server is asked about the lease. */
export type Verifying = Confirming | Renewing | Reclaiming;
/** Addresses are on the identity in all of these, and in no other. */
export type HeldState = Bound | Verifying;
export type Main = Stopped | Waiting | Soliciting | Requesting | HeldState | Asking | Informed;

export interface Dhcp6State {
  readonly main: Main;
  readonly errands: readonly Errand[];
  readonly limits: Limits;
}

/** What a step may look at besides state and input. */
export interface Scene {
  readonly now: Instant;
  readonly env: Dhcp6Env;
  readonly limits: Limits;
}

/** A state, what to do on the way into it, and the errands that begin there. */
export interface Transition {
  readonly main: Main;
  readonly effects: readonly Dhcp6Effect[];
  readonly errands: readonly Errand[];
}

export const stopped: Stopped = { tag: "stopped" };
export const initialState6: Dhcp6State = { main: stopped, errands: [], limits: noLimits };

export const to = (main: Main, effects: readonly Dhcp6Effect[] = []): Transition => ({
  main,
  effects,
  errands: [],
});
export const ignored = (main: Main, reason: string): Transition =>
  to(main, [{ kind: "event", event: { kind: "ignored", reason } }]);
/** `then`, with what comes first before its own. */
export const first = (
  before: readonly Dhcp6Effect[] | Pick<Transition, "effects" | "errands">,
  then: Transition,
): Transition => {
  const { effects, errands } = "effects" in before ? before : { effects: before, errands: [] };
  return {
    main: then.main,
    effects: [...effects, ...then.effects],
    errands: [...errands, ...then.errands],
  };
};

/** The lease whose addresses are configured in this state, if any. */
export const heldLease6 = ({ main }: Dhcp6State): Lease6 | undefined =>
  "held" in main ? main.held.lease : undefined;

/** The next moment at which this state changes by itself. */
export const wakeAt = (state: Dhcp6State): Instant =>
  earliest(mainWakeAt(state.main), ...state.errands.map((errand) => errand.exchange.at));

function mainWakeAt(main: Main): Instant {
  switch (main.tag) {
    case "stopped":
      return never;
    case "waiting":
    case "failed":
      return main.resumeAt;
    case "soliciting":
    case "requesting":
    case "asking":
      return earliest(main.exchange.at, main.endsAt);
    case "informed":
      return main.refreshAt;
    case "confirming":
      return earliest(main.exchange.at, main.endsAt, main.held.ageAt);
    case "bound":
      return earliest(main.held.lease.renewAt, main.held.ageAt);
    case "renewing":
      return earliest(main.exchange.at, main.held.lease.rebindAt, main.held.ageAt);
    case "rebinding":
    case "reclaiming":
      return earliest(main.exchange.at, main.held.ageAt);
  }
}
