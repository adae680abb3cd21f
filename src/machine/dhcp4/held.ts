/** The states that hold an address: REBOOTING, BOUND (with its announcement), RENEWING, REBINDING. */
import { between, type Instant, plus } from "../../base/time.ts";
import { beginRow, newRow } from "./attempts.ts";
import { onHeldMessage } from "./held-replies.ts";
import { onBoundTimer, onRebindingTimer, onRebootingTimer, onRenewingTimer } from "./held-timers.ts";
import { drop, rebind, renew, verify } from "./hold.ts";
import type { Dhcp4Effect, Dhcp4Env, Dhcp4Input } from "./interface.ts";
import { decline, releaseLease } from "./messages.ts";
import { first, type HeldState, initialState, stay, type Transition } from "./state.ts";
import { declinePause, defendInterval } from "./timing.ts";

export function stepHeld(state: HeldState, input: Dhcp4Input, now: Instant, env: Dhcp4Env): Transition {
  switch (input.kind) {
    case "timer":
      return onTimer(state, now, env);
    case "message":
      return onMessage(state, input, now, env);
    case "arp":
      return onArp(state, input, now, env);
    case "link-changed":
      return verify(state.held, now, env);
    case "moved":
      return first(drop(state.held.lease, input.why ?? "the WAN is another network now"), beginRow(now, env));
    case "retry":
      return askNow(state, now, env);
    case "release":
      return release(state, env);
    case "start":
      return stay(state);
  }
}

function onTimer(state: HeldState, now: Instant, env: Dhcp4Env): Transition {
  switch (state.tag) {
    case "announcing":
    case "bound":
      return onBoundTimer(state, now, env);
    case "renewing":
      return onRenewingTimer(state, now, env);
    case "rebinding":
      return onRebindingTimer(state, now, env);
    case "rebooting":
      return onRebootingTimer(state, now, env);
  }
}

function onMessage(
  state: HeldState,
  input: Extract<Dhcp4Input, { kind: "message" }>,
  now: Instant,
  env: Dhcp4Env,
): Transition {
  switch (state.tag) {
    case "announcing":
    case "bound":
      return stay(state);
    case "renewing":
    case "rebinding":
    case "rebooting":
      return onHeldMessage(state, input, now, env);
  }
}

/** An infinite lease has no T2 to renew against: it is verified instead. */
function askNow(state: HeldState, now: Instant, env: Dhcp4Env): Transition {
  const { held } = state;
  if (state.tag === "rebooting" || held.lease.expiresAt === Number.POSITIVE_INFINITY)
    return verify(held, now, env);
  return now < held.lease.rebindAt ? renew(held, now, env) : rebind(held, now, now, env);
}

function release(state: HeldState, env: Dhcp4Env): Transition {
  const { lease } = state.held;
  return {
    state: initialState,
    effects: [
      releaseLease(env, lease),
      { kind: "deconfigure", address: lease.address },
      { kind: "event", event: { kind: "released", address: lease.address } },
    ],
  };
}

/**
 * RFC 5227 section 2.4 (b): defend once in ten seconds, then give the address up. A probe for it (sender 0.0.0.0) is no
 * conflict here: the kernel answers it, as the holder of the address does.
 */
function onArp(
  state: HeldState,
  arp: Extract<Dhcp4Input, { kind: "arp" }>,
  now: Instant,
  env: Dhcp4Env,
): Transition {
  const { lease, defendedAt } = state.held;
  if (arp.senderMac === env.mac || arp.senderIp !== lease.address) return stay(state);
  const conflict: Dhcp4Effect = {
    kind: "event",
    event: { kind: "conflict", address: lease.address, with: arp.senderMac },
  };
  if (between(defendedAt, now) >= defendInterval)
    return {
      state: { ...state, held: { lease, defendedAt: now } },
      effects: [conflict, { kind: "arp-announce", ip: lease.address }],
    };
  const why = `${lease.address} is in use by ${arp.senderMac}`;
  const resumeAt = plus(now, declinePause);
  return {
    state: { tag: "waiting", row: newRow(resumeAt), resumeAt },
    effects: [
      conflict,
      decline(env, lease.address, lease.serverId, why),
      ...drop(lease, `address declined: ${why}`),
    ],
  };
}
