/** INFORMATION-REQUEST and what comes of it: RFC 8415 sections 18.2.6 and 21.23. */
import { uniform } from "../../base/rng.ts";
import { type Duration, forever, millis, plus, seconds } from "../../base/time.ts";
import { statusCodes } from "../../wire/dhcp6/message.ts";
import { beginRow, failAttempt } from "./attempts.ts";
import { informationOf } from "./grant.ts";
import { type Reply, statusReason } from "./replies.ts";
import { type Asking, type Informed, ignored, type Scene, type Transition, to } from "./state.ts";
import { transmitInformationRequest } from "./transmit.ts";

/** INF_MAX_DELAY and CNF_MAX_DELAY: where many clients begin at the same moment, each waits up to a second. */
export const crowdDelay = ({ env }: Scene): Duration => millis(Math.round(uniform(env.rng, 0, 1000)));

export function onAskingTimer(state: Asking, scene: Scene): Transition {
  if (scene.now >= state.endsAt) return failAttempt(state.row, state.outcome, scene);
  return scene.now < state.exchange.at ? to(state) : transmitInformationRequest(state, scene);
}

export function onAskingReply(state: Asking, { type, options }: Reply, scene: Scene): Transition {
  if (type === "advertise") return ignored(state, "ADVERTISE to an INFORMATION-REQUEST");
  const { status } = options;
  if (status !== undefined && status.code !== statusCodes.success) {
    const reason = statusReason(status);
    return ignored({ ...state, outcome: { kind: "answered", reason } }, reason);
  }
  const information = informationOf(options);
  const refreshAt = plus(scene.now, refreshTime(options.informationRefresh));
  return to({ tag: "informed", information, refreshAt }, [
    { kind: "information", information },
    { kind: "event", event: { kind: "informed", information } },
  ]);
}

/** IRT_DEFAULT and IRT_MINIMUM; 0xffffffff is infinite. */
function refreshTime(secs = 86_400): Duration {
  return secs === 0xffffffff ? forever : seconds(Math.max(secs, 600));
}

/** What is known stays in use meanwhile. */
export const onInformedTimer = (state: Informed, scene: Scene): Transition =>
  scene.now < state.refreshAt ? to(state) : beginRow("stateless", scene, crowdDelay(scene));
