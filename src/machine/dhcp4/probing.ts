/** PROBING: is the address we were granted in use by another station? RFC 5227 section 2.1.1, RFC 2131 section 4.4.1. */
import { anyIp4 } from "../../base/ip4.ts";
import { type Instant, plus } from "../../base/time.ts";
import { beginRow, failAttempt } from "./attempts.ts";
import { settle } from "./hold.ts";
import type { Dhcp4Effect, Dhcp4Env, Dhcp4Input } from "./interface.ts";
import { releaseLease } from "./messages.ts";
import { first, initialState, longAgo, type Probing, stay, type Transition } from "./state.ts";
import { declineGrant } from "./take.ts";
import { announceInterval, probeCount, probeGap, probeWait } from "./timing.ts";

export function stepProbing(state: Probing, input: Dhcp4Input, now: Instant, env: Dhcp4Env): Transition {
  switch (input.kind) {
    case "timer":
      return onTimer(state, now, env);
    case "arp":
      return onArp(state, input, now, env);
    case "link-changed":
    case "moved":
      return beginRow(now, env);
    case "release":
      return {
        state: initialState,
        effects: [
          releaseLease(env, state.lease),
          { kind: "event", event: { kind: "released", address: state.lease.address } },
        ],
      };
    // `retry` too: the address is in place within half a second.
    case "retry":
    case "start":
    case "message":
      return stay(state);
  }
}

function onTimer(state: Probing, now: Instant, env: Dhcp4Env): Transition {
  if (now < state.probes.at) return stay(state);
  if (state.probes.sent >= probeCount) return takeIt(state, now, env);
  const sent = state.probes.sent + 1;
  const at = plus(now, sent === probeCount ? probeWait : probeGap(env.rng));
  return {
    state: { ...state, probes: { sent, at } },
    effects: [{ kind: "arp-probe", ip: state.lease.address }],
  };
}

function takeIt({ lease, row }: Probing, now: Instant, env: Dhcp4Env): Transition {
  if (lease.expiresAt <= now)
    return failAttempt(
      row,
      { kind: "answered", reason: "the lease ended before it could be used" },
      now,
      env,
    );
  const effects: readonly Dhcp4Effect[] = [
    { kind: "configure", lease },
    { kind: "arp-announce", ip: lease.address },
    { kind: "event", event: { kind: "obtained", lease, how: "discover" } },
  ];
  const held = { lease, defendedAt: longAgo };
  if (lease.renewAt <= now) return first(effects, settle(held, now, env));
  return { state: { tag: "announcing", held, announceAt: plus(now, announceInterval) }, effects };
}

/** Another station uses the address, or is about to: it probes for it as we do. */
function onArp(
  state: Probing,
  arp: Extract<Dhcp4Input, { kind: "arp" }>,
  now: Instant,
  env: Dhcp4Env,
): Transition {
  const { address } = state.lease;
  const uses = arp.senderIp === address;
  const probes = arp.senderIp === anyIp4 && arp.targetIp === address;
  if (arp.senderMac === env.mac || !(uses || probes)) return stay(state);
  return first(
    [{ kind: "event", event: { kind: "conflict", address, with: arp.senderMac } }],
    declineGrant(state.lease, state.row, `${address} is in use by ${arp.senderMac}`, now, env),
  );
}
