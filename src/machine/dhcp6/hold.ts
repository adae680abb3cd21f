/** Ways into and out of the states that hold addresses. */
import { type Duration, type Instant, never, plus, zero } from "../../base/time.ts";
import { beginRow, failAttempt, newRow } from "./attempts.ts";
import { beginErrand, declinePause } from "./errands.ts";
import { openExchange } from "./exchange.ts";
import { nextAge } from "./grant.ts";
import type { Dhcp6Effect } from "./interface.ts";
import type { Lease6 } from "./lease.ts";
import {
  first,
  type Held,
  type HeldState,
  type Reclaiming,
  type Row,
  type Scene,
  type Transition,
  to,
} from "./state.ts";
import { transmitConfirm, transmitReclaim, transmitRenewal } from "./transmit.ts";

export const hold = (lease: Lease6, row: Row | undefined, now: Instant): Held => ({
  lease,
  row,
  ageAt: nextAge(lease.addresses, now),
});

/** Asks whether the addresses still fit the link, RFC 8415 section 18.2.3. */
export function confirm(held: Held, scene: Scene, delay: Duration = zero): Transition {
  const at = plus(scene.now, delay);
  const state = {
    tag: "confirming",
    held,
    exchange: openExchange(scene.env.rng, at, at),
    endsAt: never,
  } as const;
  const event = { kind: "requesting", attempt: 1, of: 1, how: "confirm" } as const;
  return first([{ kind: "event", event }], delay > zero ? to(state) : transmitConfirm(state, scene));
}

export function askForRenewal(tag: "renewing" | "rebinding", held: Held, scene: Scene): Transition {
  const { now, env } = scene;
  return transmitRenewal({ tag, held, exchange: openExchange(env.rng, now, now) }, scene);
}

export function reclaim(held: Held, serverId: Uint8Array, how: Reclaiming["how"], scene: Scene): Transition {
  const { now, env } = scene;
  const exchange = openExchange(env.rng, now, now);
  return transmitReclaim({ tag: "reclaiming", held, serverId, how, exchange }, scene);
}

/** The state this lease is in at this moment: bound, renewing or rebinding. */
export function settle(held: Held, scene: Scene): Transition {
  const { renewAt, rebindAt } = held.lease;
  if (scene.now >= rebindAt) return askForRenewal("rebinding", held, scene);
  if (scene.now >= renewAt) return askForRenewal("renewing", held, scene);
  return to({ tag: "bound", held });
}

/**
 * What time does to the addresses, each for itself (RFC 8415 section 21.6): those past their valid lifetime go at once;
 * that one became deprecated is shown by configuring the lease again.
 */
export function age(state: HeldState, scene: Scene): Transition {
  const { now } = scene;
  const { lease, row, ageAt } = state.held;
  if (now < ageAt) return to(state);
  const addresses = lease.addresses.filter(({ validUntil }) => validUntil > now);
  if (addresses.length === 0)
    return first(drop(lease, "the lease ended and no server renewed it"), beginRow("stateful", scene));
  const left = { ...lease, addresses };
  return to({ ...state, held: hold(left, row, now) }, [{ kind: "configure", lease: left }]);
}

/** Another host uses this address: DECLINE it; without any other, over again after a pause. */
export function giveUp(state: HeldState, address: string, scene: Scene): Transition {
  const { now } = scene;
  const { lease, row } = state.held;
  const taken = lease.addresses.filter((a) => a.address === address).map((a) => a.address);
  const left = { ...lease, addresses: lease.addresses.filter((a) => a.address !== address) };
  const decline = beginErrand("decline", taken, lease.serverId, scene);
  if (left.addresses.length > 0)
    return first(
      [{ kind: "configure", lease: left }],
      first(decline, to({ ...state, held: hold(left, row, now) })),
    );
  const reason = `address declined: ${address} is in use by another host`;
  return first(drop(lease, reason), first(decline, pauseAfterDecline(row, reason, scene)));
}

/** Declined before any address was found good, it is a failed attempt: a server that has no others ends in the slow retries. */
function pauseAfterDecline(row: Row | undefined, reason: string, scene: Scene): Transition {
  const { now } = scene;
  if (row !== undefined)
    return failAttempt({ ...row, startedAt: now }, { kind: "answered", reason }, scene, declinePause);
  const resumeAt = plus(now, declinePause);
  return to({ tag: "waiting", row: newRow("stateful", resumeAt), resumeAt });
}

export const drop = (lease: Lease6, reason: string): readonly Dhcp6Effect[] => [
  { kind: "deconfigure" },
  {
    kind: "event",
    event: { kind: "lost", addresses: lease.addresses.map(({ address }) => address), reason },
  },
];
