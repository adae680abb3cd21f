/** Sends the next message of a state's exchange. */
import { type Instant, plus } from "../../base/time.ts";
import {
  afterSending,
  confirmDuration,
  confirming,
  informing,
  renewing,
  requesting,
  soliciting,
} from "./exchange.ts";
import { confirm, informationRequest, rebind, renew, request, requestAgain, solicit } from "./messages.ts";
import {
  type Asking,
  type Confirming,
  type Reclaiming,
  type Renewing,
  type Requesting,
  type Scene,
  type Soliciting,
  type Transition,
  to,
} from "./state.ts";

/** An attempt lasts from its first message. */
const attemptEnd = (state: Soliciting | Asking, { now, env }: Scene): Instant =>
  state.exchange.sent === 0 ? plus(now, env.settings.timeout) : state.endsAt;

export function transmitSolicit(state: Soliciting, scene: Scene): Transition {
  const { now, env, limits } = scene;
  const exchange = afterSending(state.exchange, soliciting(limits), now, env.rng);
  return to({ ...state, exchange, endsAt: attemptEnd(state, scene) }, [solicit(env, exchange)]);
}

export function transmitRequest(state: Requesting, { now, env }: Scene): Transition {
  const exchange = afterSending(state.exchange, requesting, now, env.rng);
  return to({ ...state, exchange }, [request(env, state.offer, exchange)]);
}

export function transmitConfirm(state: Confirming, { now, env }: Scene): Transition {
  const exchange = afterSending(state.exchange, confirming, now, env.rng);
  const endsAt = state.exchange.sent === 0 ? plus(now, confirmDuration) : state.endsAt;
  return to({ ...state, exchange, endsAt }, [confirm(env, state.held.lease, exchange)]);
}

export function transmitRenewal(state: Renewing, { now, env }: Scene): Transition {
  const exchange = afterSending(state.exchange, renewing, now, env.rng);
  const message = state.tag === "renewing" ? renew : rebind;
  return to({ ...state, exchange }, [message(env, state.held.lease, exchange)]);
}

export function transmitReclaim(state: Reclaiming, { now, env }: Scene): Transition {
  const exchange = afterSending(state.exchange, requesting, now, env.rng);
  return to({ ...state, exchange }, [requestAgain(env, state.held.lease, state.serverId, exchange)]);
}

export function transmitInformationRequest(state: Asking, scene: Scene): Transition {
  const { now, env, limits } = scene;
  const exchange = afterSending(state.exchange, informing(limits), now, env.rng);
  return to({ ...state, exchange, endsAt: attemptEnd(state, scene) }, [informationRequest(env, exchange)]);
}
