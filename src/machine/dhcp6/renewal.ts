/** A REPLY to RENEW or REBIND that speaks about our IA: RFC 8415 section 18.2.10.1. */
import type { IaNa } from "../../wire/dhcp6/message.ts";
import { beginRow } from "./attempts.ts";
import { beginErrand } from "./errands.ts";
import { type Addresses, leaseOf, readAddresses } from "./grant.ts";
import { drop, hold, settle } from "./hold.ts";
import type { LeasedAddress } from "./lease.ts";
import type { Reply } from "./replies.ts";
import { first, ignored, type Renewing, type Scene, type Transition, to } from "./state.ts";

/** Addresses the server named are extended, added or ended; those it left out stay until their own end. */
export function extend(state: Renewing, reply: Reply, ia: IaNa, scene: Scene): Transition {
  const { lease } = state.held;
  const read = readAddresses(ia, state.exchange.sentAt, lease.addresses, scene);
  const refused = read.refused.map(({ address }) => address);
  return first(
    beginErrand("decline", refused, reply.serverId, scene),
    extended(state, reply, ia, read, scene),
  );
}

function extended(state: Renewing, reply: Reply, ia: IaNa, read: Addresses, scene: Scene): Transition {
  const { now, env } = scene;
  const { lease, row } = state.held;
  const { usable, over } = read;
  if (usable.length === 0 && over.length === 0)
    return ignored(state, "the server's answer holds no usable address");
  const addresses = merge(lease.addresses, read);
  if (addresses.length === 0)
    return first(drop(lease, "the server ended the lease"), beginRow("stateful", scene));
  if (usable.length === 0) {
    const left = { ...lease, addresses };
    return to({ ...state, held: hold(left, row, now) }, [{ kind: "configure", lease: left }]);
  }
  const renewed = { ...leaseOf(reply, ia, usable, state.exchange.sentAt, env.rng), addresses };
  const how = state.tag === "renewing" ? "renew" : "rebind";
  return first(
    [
      { kind: "configure", lease: renewed },
      { kind: "event", event: { kind: "renewed", lease: renewed, how } },
    ],
    settle(hold(renewed, row, now), scene),
  );
}

/** In the order of before, new ones last. */
function merge(before: readonly LeasedAddress[], { usable, over }: Addresses): readonly LeasedAddress[] {
  const kept = before.filter(({ address }) => !over.includes(address));
  const known = new Set(kept.map(({ address }) => address));
  return [
    ...kept.map((old) => usable.find(({ address }) => address === old.address) ?? old),
    ...usable.filter(({ address }) => !known.has(address)),
  ];
}
