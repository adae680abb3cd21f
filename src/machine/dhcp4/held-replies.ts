/** Replies to REQUESTs for a lease that is held: RENEWING, REBINDING, REBOOTING. */
import { type Ip4, isHostIp4 } from "../../base/ip4.ts";
import type { Instant } from "../../base/time.ts";
import type { Dhcp4Message } from "../../wire/dhcp4/message.ts";
import { beginRowAfterNak, newRow } from "./attempts.ts";
import { leaseFromAck } from "./grant.ts";
import { drop } from "./hold.ts";
import type { Dhcp4Env, Dhcp4Event, Dhcp4Input } from "./interface.ts";
import type { Lease4 } from "./lease.ts";
import { releaseLease } from "./messages.ts";
import { prefersV6Only, rest } from "./preference.ts";
import { nakReason, readReply } from "./replies.ts";
import {
  first,
  ignored,
  type Rebinding,
  type Rebooting,
  type Renewing,
  stay,
  type Transition,
} from "./state.ts";
import { takeAddress } from "./take.ts";

type Asking = Renewing | Rebinding | Rebooting;
type MessageInput = Extract<Dhcp4Input, { kind: "message" }>;

export function onHeldMessage(state: Asking, input: MessageInput, now: Instant, env: Dhcp4Env): Transition {
  const reply = readReply(input.message, state.exchange.xid, env);
  switch (reply.kind) {
    case "none":
      return stay(state);
    case "ignored":
      return ignored(state, reply.reason);
    case "offer":
      return ignored(state, "OFFER to a REQUEST");
    case "ack":
    case "nak": {
      const stranger = strangerProblem(state, reply.serverId);
      if (stranger !== undefined) return ignored(state, `${reply.kind.toUpperCase()} ${stranger}`);
      if (
        reply.kind === "ack" &&
        state.tag === "rebooting" &&
        prefersV6Only(reply.message, state.exchange.asked108, env)
      )
        return giveUp(state, reply.message, now, env);
      if (reply.kind === "ack") return onAck(state, reply.serverId, input, now, env);
      return first(drop(state.held.lease, nakReason(reply.message)), beginRowAfterNak(now, env));
    }
  }
}

/** RENEWING asks one server, the others may be any. A reply that names no server is taken for the known one's. */
function strangerProblem(state: Asking, serverId: Ip4 | undefined): string | undefined {
  if (serverId === undefined) return undefined;
  if (!isHostIp4(serverId)) return `names ${serverId} as its server`;
  const known = state.held.lease.serverId;
  return state.tag === "renewing" && serverId !== known
    ? `of ${serverId}, but ${known} was asked`
    : undefined;
}

/** In any other state the address is kept until its lease ends or the link changes (RFC 8925 section 3.2). */
const giveUp = ({ held: { lease } }: Rebooting, ack: Dhcp4Message, now: Instant, env: Dhcp4Env): Transition =>
  first(
    [
      releaseLease(env, lease),
      { kind: "deconfigure", address: lease.address },
      { kind: "event", event: { kind: "released", address: lease.address } },
    ],
    rest(ack, now),
  );

function onAck(
  state: Asking,
  serverId: Ip4 | undefined,
  input: MessageInput,
  now: Instant,
  env: Dhcp4Env,
): Transition {
  const before = state.held.lease;
  const grant = {
    message: input.message,
    serverId: serverId ?? before.serverId,
    serverMac: input.sourceMac,
    sentAt: state.exchange.sentAt,
    asked108: before.v6OnlyAsked === true || state.exchange.asked108,
  };
  const parsed = leaseFromAck(grant, now, env.rng);
  if (!parsed.ok) return ignored(state, parsed.error);
  const lease = parsed.value;
  if (lease.address !== before.address)
    return first(
      drop(before, `the server moved the device to ${lease.address}`),
      takeAddress(lease, newRow(now), now, env),
    );
  return {
    state: { tag: "bound", held: { lease, defendedAt: state.held.defendedAt } },
    effects: [
      { kind: "configure", lease },
      { kind: "event", event: confirmed(state, lease) },
    ],
  };
}

function confirmed(state: Asking, lease: Lease4): Dhcp4Event {
  switch (state.tag) {
    case "rebooting":
      return { kind: "obtained", lease, how: "init-reboot" };
    case "renewing":
      return { kind: "renewed", lease, how: "renew" };
    case "rebinding":
      return { kind: "renewed", lease, how: "rebind" };
  }
}
