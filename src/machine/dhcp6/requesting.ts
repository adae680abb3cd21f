/** REQUEST is out: one server was chosen, only its word counts (RFC 8415 sections 18.2.2 and 18.2.10.1). */
import { sameBytes } from "../../base/bytes.ts";
import { statusCodes } from "../../wire/dhcp6/message.ts";
import { failAttempt } from "./attempts.ts";
import { exhausted, requesting } from "./exchange.ts";
import { type Answer, type Reply, readIa } from "./replies.ts";
import {
  ignored,
  type Outcome,
  type Requesting,
  type Row,
  type Scene,
  type Transition,
  to,
} from "./state.ts";
import { takeGrant } from "./take.ts";
import { transmitRequest } from "./transmit.ts";

/** The attempt's time bounds it, or, where that is long, REQ_MAX_RC. */
export function onRequestingTimer(state: Requesting, scene: Scene): Transition {
  if (scene.now >= state.endsAt || exhausted(state.exchange, requesting, scene.now))
    return fail(state, state.outcome, scene);
  return scene.now < state.exchange.at ? to(state) : transmitRequest(state, scene);
}

export function onRequestingReply(state: Requesting, reply: Reply, scene: Scene): Transition {
  if (reply.type === "advertise") return ignored(state, "ADVERTISE to a REQUEST");
  if (!sameBytes(reply.serverId, state.offer.serverId))
    return ignored(state, "REPLY of another server than was chosen");
  const answer = readIa(reply, scene.env);
  switch (answer.kind) {
    case "refused":
      return onRefusal(state, answer, scene);
    case "useless":
      return unusable(state, answer.reason);
    case "granted": {
      const { row, exchange } = state;
      const grant = { reply, ia: answer.ia, sentAt: exchange.sentAt, row };
      const taken = takeGrant(
        { ...grant, event: (lease) => ({ kind: "obtained", lease, how: "solicit" }) },
        scene,
      );
      return taken.ok ? taken.value : unusable(state, taken.error);
    }
  }
}

/** UnspecFail and statuses unknown to us: the same server is asked again, at the pace of the retransmissions. */
function onRefusal(
  state: Requesting,
  { code, reason }: Extract<Answer, { kind: "refused" }>,
  scene: Scene,
): Transition {
  if (code === statusCodes.notOnLink) return fail(state, { kind: "refused", reason }, scene);
  if (code === statusCodes.noAddrsAvail) return fail(state, { kind: "answered", reason }, scene);
  return unusable(state, reason);
}

const unusable = (state: Requesting, reason: string): Transition =>
  ignored({ ...state, outcome: { kind: "answered", reason } }, reason);

const fail = (state: Requesting, outcome: Outcome, scene: Scene): Transition =>
  failAttempt(shun(state.row, state.offer.serverId), outcome, scene);

/** How many servers that let us down are remembered. */
const grudges = 8;
const shun = (row: Row, serverId: Uint8Array): Row => ({
  ...row,
  shunned: [serverId, ...row.shunned.filter((duid) => !sameBytes(duid, serverId))].slice(0, grudges),
});
