/** Which replies are for us, and what they must hold to be believed. */
import { sameBytes } from "../../base/bytes.ts";
import { type Ip4, isHostIp4 } from "../../base/ip4.ts";
import type { Dhcp4Message } from "../../wire/dhcp4/message.ts";
import type { Dhcp4Env } from "./interface.ts";
import { clientIdOf } from "./messages.ts";
import type { Offer } from "./state.ts";

export type Reply =
  /** Not a reply, or not to this client. */
  | { readonly kind: "none" }
  /** Nearly ours, and wrong. */
  | { readonly kind: "ignored"; readonly reason: string }
  | {
      readonly kind: "offer" | "ack" | "nak";
      readonly serverId: Ip4 | undefined;
      readonly message: Dhcp4Message;
    };

/** Matches op, chaddr, xid (RFC 2131 section 4.1) and the echoed client-id (RFC 6842 section 3). */
export function readReply(message: Dhcp4Message, xid: number, env: Dhcp4Env): Reply {
  if (message.op !== "reply" || message.chaddr !== env.mac) return { kind: "none" };
  const { messageType, clientId, serverId } = message.options;
  if (message.xid !== xid) return { kind: "ignored", reason: "reply to another exchange (xid)" };
  if (clientId !== undefined && !sameBytes(clientId, clientIdOf(env)))
    return { kind: "ignored", reason: "reply with another client identifier" };
  switch (messageType) {
    case "offer":
    case "ack":
    case "nak":
      return { kind: messageType, serverId, message };
    default:
      return { kind: "ignored", reason: `reply of type ${messageType ?? "none"}` };
  }
}

export type OfferCheck =
  | { readonly ok: true; readonly offer: Offer }
  | { readonly ok: false; readonly reason: string };

/** Whether this OFFER may be taken up. */
export function checkOffer(message: Dhcp4Message, env: Dhcp4Env): OfferCheck {
  const { serverId, leaseTime } = message.options;
  const refuse = (why: string): OfferCheck => ({ ok: false, reason: `offer ignored: ${why}` });
  if (serverId === undefined) return refuse("it names no server");
  if (!isHostIp4(serverId)) return refuse(`its server ${serverId} is not a host address`);
  const unusable = addressProblem(message.yiaddr) ?? leaseTimeProblem(leaseTime);
  if (unusable !== undefined) return refuse(unusable);
  const refused = env.refuse(message.yiaddr);
  if (refused !== undefined) return refuse(`${message.yiaddr}: ${refused}`);
  return { ok: true, offer: { address: message.yiaddr, serverId } };
}

export const addressProblem = (address: Ip4): string | undefined =>
  isHostIp4(address) ? undefined : `${address} is not a host address`;

export const leaseTimeProblem = (leaseTime: number | undefined): string | undefined =>
  leaseTime === undefined ? "it has no lease time" : leaseTime === 0 ? "its lease time is 0" : undefined;

/** The reason for a NAK with the server's own words (option 56), as far as they can be printed. */
export function nakReason(message: Dhcp4Message): string {
  const text = (message.options.message ?? "").replace(/[^\x20-\x7e\xa0-\xff]+/g, " ").trim();
  return text === "" ? "server refused (NAK)" : `server refused (NAK): ${text.slice(0, 120)}`;
}
