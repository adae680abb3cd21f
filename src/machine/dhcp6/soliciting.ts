/** SOLICIT is out: RFC 8415 sections 18.2.1 and 18.2.9. */
import { sameBytes } from "../../base/bytes.ts";
import { earliest, instant, plus, seconds, shortest } from "../../base/time.ts";
import { failAttempt } from "./attempts.ts";
import { openExchange } from "./exchange.ts";
import { readAddresses } from "./grant.ts";
import { type Reply, readIa } from "./replies.ts";
import { ignored, type Offer, type Row, type Scene, type Soliciting, type Transition, to } from "./state.ts";
import { takeGrant } from "./take.ts";
import { transmitRequest, transmitSolicit } from "./transmit.ts";

/** An ADVERTISE that comes at the last moment of an attempt still has time for one REQUEST and its first retransmissions. */
const requestGrace = seconds(5);
/** Ends the collecting of ADVERTISEs (section 18.2.1). */
const utmostPreference = 255;

export function onSolicitingTimer(state: Soliciting, scene: Scene): Transition {
  const { now } = scene;
  if (state.best !== undefined && now >= earliest(state.exchange.at, state.endsAt))
    return request(state, state.best, scene);
  if (now >= state.endsAt) return failAttempt(state.row, state.outcome, scene);
  return now < state.exchange.at ? to(state) : transmitSolicit(state, scene);
}

export const onSolicitingReply = (state: Soliciting, reply: Reply, scene: Scene): Transition =>
  reply.type === "advertise" ? onAdvertise(state, reply, scene) : onCommit(state, reply, scene);

/** A REPLY with the rapid commit option is a lease already (section 18.2.10). */
function onCommit(state: Soliciting, reply: Reply, scene: Scene): Transition {
  if (!reply.options.rapidCommit) return ignored(state, "REPLY without rapid commit to a SOLICIT");
  const answer = readIa(reply, scene.env);
  if (answer.kind !== "granted") return unusable(state, answer.reason);
  const { row, exchange } = state;
  const grant = { reply, ia: answer.ia, sentAt: exchange.sentAt, row };
  const taken = takeGrant(
    { ...grant, event: (lease) => ({ kind: "obtained", lease, how: "rapid-commit" }) },
    scene,
  );
  return taken.ok ? taken.value : unusable(state, taken.error);
}

/** The first acceptable one after the first RT is taken at once; until then the best is looked for. */
function onAdvertise(state: Soliciting, reply: Reply, scene: Scene): Transition {
  const answer = readIa(reply, scene.env);
  if (answer.kind !== "granted") return unusable(state, answer.reason);
  const { usable, refused } = readAddresses(answer.ia, scene.now, [], scene);
  const [problem] = refused;
  if (usable.length === 0)
    return unusable(
      state,
      problem === undefined
        ? "the server's answer holds no usable address"
        : `advertised ${problem.address}: ${problem.why}`,
    );
  const addresses = usable.map(({ address }) => address);
  const offer = { serverId: reply.serverId, preference: reply.options.preference ?? 0, addresses };
  const ends = offer.preference === utmostPreference && !isShunned(state.row, offer);
  if (ends || state.exchange.sent > 1) return request(state, offer, scene);
  return to({ ...state, best: better(state.row, offer, state.best) });
}

const unusable = (state: Soliciting, reason: string): Transition =>
  ignored({ ...state, outcome: { kind: "answered", reason } }, reason);

const isShunned = ({ shunned }: Row, { serverId }: Offer): boolean =>
  shunned.some((duid) => sameBytes(duid, serverId));

/** The higher preference, then the more addresses (section 18.2.9), then the earlier; servers that let us down come last. */
function better(row: Row, offer: Offer, best: Offer | undefined): Offer {
  if (best === undefined) return offer;
  const order = [
    Number(isShunned(row, best)) - Number(isShunned(row, offer)),
    offer.preference - best.preference,
    offer.addresses.length - best.addresses.length,
  ];
  return (order.find((difference) => difference !== 0) ?? 0) > 0 ? offer : best;
}

function request(state: Soliciting, offer: Offer, scene: Scene): Transition {
  const { now, env } = scene;
  const least = plus(now, shortest(env.settings.timeout, requestGrace));
  return transmitRequest(
    {
      tag: "requesting",
      row: state.row,
      offer,
      exchange: openExchange(env.rng, now, now),
      endsAt: instant(Math.max(least, state.endsAt)),
      outcome: { kind: "answered", reason: "server offered addresses and then did not confirm them" },
    },
    scene,
  );
}
