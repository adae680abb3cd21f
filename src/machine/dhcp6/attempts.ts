/** Rows of attempts: how one begins, how it fails, what comes after. */
import { type Duration, type Instant, longest, never, plus, zero } from "../../base/time.ts";
import { attemptPause, numbered, refusalPause, slowPause } from "../retry.ts";
import { openExchange } from "./exchange.ts";
import type { Dhcp6Mode, Dhcp6Settings } from "./interface.ts";
import { first, type Outcome, type Row, type Scene, type Transition, to } from "./state.ts";
import { transmitInformationRequest, transmitSolicit } from "./transmit.ts";

const noAnswer: Readonly<Record<Dhcp6Mode, string>> = {
  stateful: "no answer to DHCPv6 Solicit",
  stateless: "no answer to DHCPv6 Information-request",
};

export const newRow = (mode: Dhcp6Mode, startedAt: Instant): Row => ({
  mode,
  startedAt,
  attempt: 1,
  refusals: 0,
  why: noAnswer[mode],
  shunned: [],
});

/**
 * RFC 8415 sections 18.2.1 and 18.2.6 delay the first message by up to a second, against crowds after a power cut. The app
 * begins one device after the other, so there is no delay unless many begin at once.
 */
export const beginRow = (mode: Dhcp6Mode, scene: Scene, delay: Duration = zero): Transition =>
  beginAttempt(newRow(mode, plus(scene.now, delay)), scene, delay);

/** The same after NotOnLink took the lease: a second one in a row no longer restarts at once. */
export const beginRowAfterRefusal = (scene: Scene): Transition =>
  beginAttempt({ ...newRow("stateful", scene.now), refusals: 1 }, scene);

export function beginAttempt(row: Row, scene: Scene, delay: Duration = zero): Transition {
  const { now, env } = scene;
  const exchange = openExchange(env.rng, row.startedAt, plus(now, delay));
  const begun = { row, exchange, endsAt: never, outcome: { kind: "silence" } } as const;
  const how = row.mode === "stateful" ? "solicit" : "information-request";
  const event = { kind: "requesting", ...numbered(row.attempt, env.settings), how } as const;
  return first([{ kind: "event", event }], firstMessage(begun, scene, delay));
}

type Begun = Pick<Extract<Transition["main"], { tag: "asking" }>, "row" | "exchange" | "endsAt" | "outcome">;

function firstMessage(begun: Begun, scene: Scene, delay: Duration): Transition {
  if (begun.row.mode === "stateful") {
    const state = { tag: "soliciting", ...begun, best: undefined } as const;
    return delay > zero ? to(state) : transmitSolicit(state, scene);
  }
  const state = { tag: "asking", ...begun } as const;
  return delay > zero ? to(state) : transmitInformationRequest(state, scene);
}

/** Ends an attempt. `least` is the shortest pause before the next one. */
export function failAttempt(row: Row, outcome: Outcome, scene: Scene, least: Duration = zero): Transition {
  const { settings } = scene.env;
  const reason = outcome.kind === "silence" ? noAnswer[row.mode] : outcome.reason;
  const event = { kind: "attempt-failed", ...numbered(row.attempt, settings), reason } as const;
  const failed = afterFailure(rowAfter(row, outcome, settings), outcome, scene, least);
  return first([{ kind: "event", event }], failed);
}

/** A silent attempt does not hide what an earlier one of the row learnt; each slow attempt speaks for itself. */
function rowAfter(row: Row, outcome: Outcome, settings: Dhcp6Settings): Row {
  const before = row.attempt > settings.retries ? noAnswer[row.mode] : row.why;
  return {
    ...row,
    attempt: row.attempt + 1,
    refusals: outcome.kind === "refused" ? row.refusals + 1 : 0,
    why: outcome.kind === "silence" ? before : outcome.reason,
  };
}

function afterFailure(next: Row, outcome: Outcome, scene: Scene, least: Duration): Transition {
  const { now, limits } = scene;
  const { rng, settings } = scene.env;
  const made = next.attempt - 1;
  if (made >= settings.retries) {
    const atMost = next.mode === "stateful" ? limits.solMaxRt : limits.infMaxRt;
    const pause = longest(least, slowPause(made - settings.retries + 1, settings, rng, atMost));
    return to({ tag: "failed", row: next, resumeAt: plus(now, pause) }, [
      { kind: "event", event: { kind: "failed", reason: next.why } },
    ]);
  }
  const own = outcome.kind === "refused" ? refusalPause(next.refusals) : attemptPause(made, settings, rng);
  const pause = longest(least, own);
  if (pause === zero) return beginAttempt(next, scene);
  return to({ tag: "waiting", row: next, resumeAt: plus(now, pause) });
}
