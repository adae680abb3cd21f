/** Retransmission of one message until it is answered: RFC 8415 section 15, with the constants of section 7.6. */
import { type Rng, uniform } from "../../base/rng.ts";
import { between, type Duration, forever, type Instant, millis, seconds, zero } from "../../base/time.ts";

/** What servers told us to wait at most between messages (sections 21.24 and 21.25). */
export interface Limits {
  readonly solMaxRt: Duration | undefined;
  readonly infMaxRt: Duration | undefined;
}
export const noLimits: Limits = { solMaxRt: undefined, infMaxRt: undefined };

export interface Retransmission {
  /** IRT */
  readonly first: Duration;
  /** MRT; `forever` when there is none. */
  readonly most: Duration;
  /** MRC: how many messages go out at most; infinite when there is no limit. */
  readonly count: number;
  /** The first RT of a SOLICIT is never shorter than IRT, so that servers have that time to answer (section 18.2.1). */
  readonly firstLonger: boolean;
}

export interface Exchange {
  /** 24 bits. */
  readonly xid: number;
  /** `elapsed` counts from here. */
  readonly startedAt: Instant;
  /** When the last message went out; what a server grants counts from here. */
  readonly sentAt: Instant;
  /** How many went out; 0 during the delay before the first one. */
  readonly sent: number;
  /** The last RT. */
  readonly rt: Duration;
  /** When the next one is due. */
  readonly at: Instant;
}

const ordinary = { count: Number.POSITIVE_INFINITY, firstLonger: false };
const patient = seconds(3600);

/** SOL_TIMEOUT, SOL_MAX_RT. */
export const soliciting = (limits: Limits): Retransmission => ({
  first: seconds(1),
  most: limits.solMaxRt ?? patient,
  count: Number.POSITIVE_INFINITY,
  firstLonger: true,
});
/** REQ_TIMEOUT, REQ_MAX_RT, REQ_MAX_RC. */
export const requesting: Retransmission = {
  ...ordinary,
  first: seconds(1),
  most: seconds(30),
  count: 10,
};
/** CNF_TIMEOUT, CNF_MAX_RT; CNF_MAX_RD is `confirmDuration`. */
export const confirming: Retransmission = { ...ordinary, first: seconds(1), most: seconds(4) };
export const confirmDuration = seconds(10);
/** REN_TIMEOUT and REB_TIMEOUT, REN_MAX_RT and REB_MAX_RT are alike. */
export const renewing: Retransmission = { ...ordinary, first: seconds(10), most: seconds(600) };
/** INF_TIMEOUT, INF_MAX_RT. */
export const informing = (limits: Limits): Retransmission => ({
  ...ordinary,
  first: seconds(1),
  most: limits.infMaxRt ?? patient,
});
/** REL_TIMEOUT and DEC_TIMEOUT, REL_MAX_RC and DEC_MAX_RC are alike. */
export const leaving: Retransmission = { ...ordinary, first: seconds(1), most: forever, count: 4 };

/** An exchange whose first message is due `at` this moment. */
export const openExchange = (rng: Rng, startedAt: Instant, at: Instant): Exchange => ({
  xid: rng.uint32() & 0xffffff,
  startedAt,
  sentAt: at,
  sent: 0,
  rt: zero,
  at,
});

/** The exchange after its next message has gone out `now`. */
export function afterSending(exchange: Exchange, how: Retransmission, now: Instant, rng: Rng): Exchange {
  const rt = exchange.sent === 0 ? firstRt(how, rng) : nextRt(exchange.rt, how, rng);
  return { ...exchange, sent: exchange.sent + 1, sentAt: now, rt, at: (now + rt) as Instant };
}

function firstRt({ first, firstLonger }: Retransmission, rng: Rng): Duration {
  if (!firstLonger) return millis(Math.round(first * (1 + uniform(rng, -0.1, 0.1))));
  return millis(Math.max(first + 1, Math.round(first * (1.1 - uniform(rng, 0, 0.1)))));
}

function nextRt(before: Duration, { most }: Retransmission, rng: Rng): Duration {
  const rand = uniform(rng, -0.1, 0.1);
  const next = before * (2 + rand);
  return millis(Math.round(next > most ? most * (1 + rand) : next));
}

/** All messages went out, and the last one was given its time. */
export const exhausted = (exchange: Exchange, how: Retransmission, now: Instant): boolean =>
  exchange.sent >= how.count && now >= exchange.at;

/** Option 8 of the last message: hundredths of a second, at most 65535 (section 21.9). */
export const elapsed = ({ startedAt, sentAt }: Exchange): number =>
  Math.min(65535, Math.max(0, Math.floor(between(startedAt, sentAt) / 10)));
