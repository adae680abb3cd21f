/** Rows of attempts: how one begins, how it fails, what comes after. */
import { type Duration, type Instant, longest, plus, zero } from "../../base/time.ts";
import { attemptPause, numbered, refusalPause, slowPause } from "../retry.ts";
import type { Dhcp4Env, Dhcp4Settings } from "./interface.ts";
import { discover, secsSince } from "./messages.ts";
import { first, type Outcome, type Row, type Transition } from "./state.ts";
import { retransmitDelay } from "./timing.ts";

/** By far the most frequent cause where only registered MACs are let in. */
const noAnswer = "no answer to DHCP: is this MAC registered?";

export const newRow = (now: Instant): Row => ({
  startedAt: now,
  attempt: 1,
  silent: 0,
  naks: 0,
  why: noAnswer,
});

/** INIT: a row of attempts starts with its first DISCOVER. RFC 2131 section 4.4.1 delays it by 1-10 s; pacing is the app's. */
export const beginRow = (now: Instant, env: Dhcp4Env): Transition => beginAttempt(newRow(now), now, env);

/** The same after a NAK took the address: a second NAK in a row no longer restarts at once. */
export const beginRowAfterNak = (now: Instant, env: Dhcp4Env): Transition =>
  beginAttempt({ ...newRow(now), naks: 1 }, now, env);

/**
 * Replies come unicast to the device's MAC, which spares all other identities of the port a copy of each. Where nothing
 * answered a whole attempt, every second attempt from then on asks for broadcast replies, since some servers and relays send nothing else.
 */
export const broadcastFlag = (row: Row): boolean => row.silent % 2 === 1;

export function beginAttempt(row: Row, now: Instant, env: Dhcp4Env): Transition {
  const xid = env.rng.uint32();
  const secs = secsSince(row.startedAt, now);
  return {
    state: {
      tag: "selecting",
      row,
      xid,
      secs,
      resend: { sent: 1, at: plus(now, retransmitDelay(1, env.rng)) },
      endsAt: plus(now, env.settings.timeout),
      outcome: { kind: "silence" },
      asked108: env.v6Only,
    },
    effects: [
      {
        kind: "event",
        event: { kind: "requesting", ...numbered(row.attempt, env.settings), how: "discover" },
      },
      discover(env, xid, secs, broadcastFlag(row)),
    ],
  };
}

/** Ends an attempt. `least` is the shortest pause before the next one. */
export function failAttempt(
  row: Row,
  outcome: Outcome,
  now: Instant,
  env: Dhcp4Env,
  least: Duration = zero,
): Transition {
  const reason = outcome.kind === "silence" ? noAnswer : outcome.reason;
  const failed: Transition = afterFailure(rowAfter(row, outcome, env.settings), outcome, now, env, least);
  const event = { kind: "attempt-failed", ...numbered(row.attempt, env.settings), reason } as const;
  return first([{ kind: "event", event }], failed);
}

/** A silent attempt does not hide what an earlier one of the row learnt; each slow attempt speaks for itself. */
function rowAfter(row: Row, outcome: Outcome, settings: Dhcp4Settings): Row {
  const before = row.attempt > settings.retries ? noAnswer : row.why;
  return {
    ...row,
    attempt: row.attempt + 1,
    silent: row.silent + (outcome.kind === "silence" ? 1 : 0),
    naks: outcome.kind === "nak" ? row.naks + 1 : 0,
    why: outcome.kind === "silence" ? before : outcome.reason,
  };
}

function afterFailure(next: Row, outcome: Outcome, now: Instant, env: Dhcp4Env, least: Duration): Transition {
  const { rng, settings } = env;
  const made = next.attempt - 1;
  if (made >= settings.retries) {
    const pause = longest(least, slowPause(made - settings.retries + 1, settings, rng));
    return {
      state: { tag: "failed", row: next, resumeAt: plus(now, pause) },
      effects: [{ kind: "event", event: { kind: "failed", reason: next.why } }],
    };
  }
  const own = outcome.kind === "nak" ? refusalPause(next.naks) : attemptPause(made, settings, rng);
  const pause = longest(least, own);
  if (pause === zero) return beginAttempt(next, now, env);
  return { state: { tag: "waiting", row: next, resumeAt: plus(now, pause) }, effects: [] };
}
