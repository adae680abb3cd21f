/** What time and answers do to a lease that is held: RFC 8415 sections 18.2.3, 18.2.4, 18.2.5 and 18.2.10.1. */
import { sameBytes } from "../../base/bytes.ts";
import { statusCodes } from "../../wire/dhcp6/message.ts";
import { beginRowAfterRefusal, newRow } from "./attempts.ts";
import { exhausted, requesting } from "./exchange.ts";
import { askForRenewal, drop, reclaim, settle } from "./hold.ts";
import { extend } from "./renewal.ts";
import { type Reply, readIa, statusReason } from "./replies.ts";
import {
  type Confirming,
  first,
  type Held,
  type HeldState,
  ignored,
  type Reclaiming,
  type Renewing,
  type Scene,
  type Transition,
  to,
  type Verifying,
} from "./state.ts";
import { takeGrant } from "./take.ts";
import { transmitConfirm, transmitReclaim, transmitRenewal } from "./transmit.ts";

/** The addresses' own ends are seen to before (hold.ts, `age`). */
export function onHeldTimer(state: HeldState, scene: Scene): Transition {
  const { now } = scene;
  const { lease } = state.held;
  switch (state.tag) {
    case "bound":
      return now < lease.renewAt ? to(state) : settle(state.held, scene);
    case "confirming":
      return onConfirmingTimer(state, scene);
    case "renewing":
      if (now >= lease.rebindAt) return askForRenewal("rebinding", state.held, scene);
      return now < state.exchange.at ? to(state) : transmitRenewal(state, scene);
    case "rebinding":
      return now < state.exchange.at ? to(state) : transmitRenewal(state, scene);
    case "reclaiming":
      if (exhausted(state.exchange, requesting, now)) return settle(state.held, scene);
      return now < state.exchange.at ? to(state) : transmitReclaim(state, scene);
  }
}

/** Unanswered, the addresses are kept (section 18.2.3). */
function onConfirmingTimer(state: Confirming, scene: Scene): Transition {
  const { now } = scene;
  const { lease } = state.held;
  if (now >= state.endsAt)
    return first(
      [{ kind: "event", event: { kind: "obtained", lease, how: "kept" } }],
      settle(state.held, scene),
    );
  return now < state.exchange.at ? to(state) : transmitConfirm(state, scene);
}

export function onHeldReply(state: Verifying, reply: Reply, scene: Scene): Transition {
  if (reply.type === "advertise") return ignored(state, `ADVERTISE while ${state.tag}`);
  switch (state.tag) {
    case "confirming":
      return onConfirmReply(state, reply, scene);
    case "renewing":
    case "rebinding":
      return onRenewalReply(state, reply, scene);
    case "reclaiming":
      return onReclaimReply(state, reply, scene);
  }
}

function onConfirmReply(state: Confirming, { options }: Reply, scene: Scene): Transition {
  const { held } = state;
  // No status is success (section 21.13).
  const { status = { code: statusCodes.success, text: "" } } = options;
  if (status.code === statusCodes.notOnLink) return refuse(held, statusReason(status), scene);
  if (status.code !== statusCodes.success) return ignored(state, statusReason(status));
  const event = { kind: "obtained", lease: held.lease, how: "confirm" } as const;
  return first([{ kind: "event", event }], settle(held, scene));
}

/** RENEW goes to one server, REBIND to any. */
function onRenewalReply(state: Renewing, reply: Reply, scene: Scene): Transition {
  const { held } = state;
  if (state.tag === "renewing" && !sameBytes(reply.serverId, held.lease.serverId))
    return ignored(state, "REPLY of another server than was asked");
  const answer = readIa(reply, scene.env);
  if (answer.kind === "granted") return extend(state, reply, answer.ia, scene);
  if (answer.kind === "refused" && answer.code === statusCodes.noBinding)
    return reclaim(held, reply.serverId, state.tag === "renewing" ? "renew" : "rebind", scene);
  if (answer.kind === "refused" && answer.code === statusCodes.notOnLink)
    return refuse(held, answer.reason, scene);
  return ignored(state, answer.reason);
}

/** What the server grants now is all there is: the addresses from before have no binding any more. */
function onReclaimReply(state: Reclaiming, reply: Reply, scene: Scene): Transition {
  const { held, exchange, how } = state;
  if (!sameBytes(reply.serverId, state.serverId))
    return ignored(state, "REPLY of another server than was asked");
  const answer = readIa(reply, scene.env);
  if (answer.kind === "refused") {
    const final = answer.code === statusCodes.notOnLink || answer.code === statusCodes.noAddrsAvail;
    return final ? refuse(held, answer.reason, scene) : ignored(state, answer.reason);
  }
  if (answer.kind === "useless") return ignored(state, answer.reason);
  const row = { ...(held.row ?? newRow("stateful", scene.now)), startedAt: scene.now };
  const grant = { reply, ia: answer.ia, sentAt: exchange.sentAt, row };
  const taken = takeGrant({ ...grant, event: (lease) => ({ kind: "renewed", lease, how }) }, scene);
  if (!taken.ok) return ignored(state, taken.error);
  if ("held" in taken.value.main) return taken.value;
  return first(drop(held.lease, "the server granted only addresses that may not be taken"), taken.value);
}

const refuse = ({ lease }: Held, reason: string, scene: Scene): Transition =>
  first(drop(lease, reason), beginRowAfterRefusal(scene));
