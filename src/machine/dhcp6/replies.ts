/** Which messages answer us, and what they say: RFC 8415 sections 16 and 18.2.10. */
import { sameBytes } from "../../base/bytes.ts";
import { seconds } from "../../base/time.ts";
import { duidLl, iaidOf } from "../../wire/dhcp6/duid.ts";
import {
  type Dhcp6Message,
  type Dhcp6Options,
  type IaNa,
  type Status,
  statusCodes,
} from "../../wire/dhcp6/message.ts";
import type { Exchange, Limits } from "./exchange.ts";
import type { Dhcp6Env } from "./interface.ts";
import type { Main } from "./state.ts";

/** An ADVERTISE or REPLY to this client's exchange. */
export interface Reply {
  readonly type: "advertise" | "reply";
  readonly serverId: Uint8Array;
  readonly options: Dhcp6Options;
}

export type Heard =
  /** Nothing that is waited for. */
  | { readonly kind: "none" }
  /** Nearly an answer, and wrong. */
  | { readonly kind: "ignored"; readonly reason: string }
  | { readonly kind: "reply"; readonly reply: Reply };

const none: Heard = { kind: "none" };
const wrong = (reason: string): Heard => ({ kind: "ignored", reason });

/** A late ADVERTISE, or a second REPLY once all is settled, is nothing to remark: there are more servers than one. */
export function hear(message: Dhcp6Message, main: Main, env: Dhcp6Env): Heard {
  if (main.tag === "stopped") return none;
  // RFC 8415 section 20.4 wants it authenticated with a key that only a server that we asked for it would have sent.
  if (message.type === "reconfigure") return wrong("RECONFIGURE that nobody can vouch for");
  if (!("exchange" in main)) return none;
  if (message.type === "reply" && message.xid !== main.exchange.xid)
    return wrong("REPLY to another exchange (xid)");
  return answerTo(main.exchange, message, env);
}

/** Matches type and xid, and what RFC 8415 sections 16.3 and 16.10 demand of both. */
export function answerTo({ xid }: Exchange, message: Dhcp6Message, env: Dhcp6Env): Heard {
  const { type, options } = message;
  if ((type !== "advertise" && type !== "reply") || message.xid !== xid) return none;
  const { clientId, serverId } = options;
  const name = type.toUpperCase();
  if (clientId === undefined) return wrong(`${name} without client identifier`);
  if (!sameBytes(clientId, duidLl(env.mac))) return wrong(`${name} with another client identifier`);
  if (serverId === undefined || serverId.length === 0) return wrong(`${name} names no server`);
  return { kind: "reply", reply: { type, serverId, options } };
}

/** Options 82 and 83 of any answer, with addresses or without; values out of range are none (sections 21.24 and 21.25). */
export function learnLimits(before: Limits, { solMaxRt, infMaxRt }: Dhcp6Options): Limits {
  const within = (secs: number | undefined) =>
    secs !== undefined && 60 <= secs && secs <= 86_400 ? seconds(secs) : undefined;
  return {
    solMaxRt: within(solMaxRt) ?? before.solMaxRt,
    infMaxRt: within(infMaxRt) ?? before.infMaxRt,
  };
}

/** What a server says about our IA. */
export type Answer =
  | { readonly kind: "granted"; readonly ia: IaNa }
  | { readonly kind: "refused"; readonly code: number; readonly reason: string }
  | { readonly kind: "useless"; readonly reason: string };

/** A status may stand in the message or in the IA; success of the message alone is no lease (section 18.2.10.1). */
export function readIa({ options }: Pick<Reply, "options">, env: Dhcp6Env): Answer {
  const ours = (options.iaNa ?? []).filter(({ iaid }) => iaid === iaidOf(env.mac));
  // An IA with T1 > T2 counts as absent (section 21.4).
  const ia = ours.find(({ t1, t2 }) => t1 <= t2 || t2 === 0);
  const status = [options.status, ia?.status].find((s) => s !== undefined && s.code !== statusCodes.success);
  if (status !== undefined) return { kind: "refused", code: status.code, reason: statusReason(status) };
  if (ia !== undefined) return { kind: "granted", ia };
  const reason =
    ours.length > 0 ? "the server's T1 lies after its T2" : "the server's answer holds no addresses for us";
  return { kind: "useless", reason };
}

const meanings: ReadonlyMap<number, string> = new Map([
  [statusCodes.unspecFail, "the server failed"],
  [statusCodes.noAddrsAvail, "the server has no addresses left"],
  [statusCodes.noBinding, "the server knows of no lease"],
  [statusCodes.notOnLink, "the server says that the addresses are of another network"],
]);

/** The reason with the server's own words, as far as they can be printed. */
export function statusReason({ code, text }: Status): string {
  const meaning = meanings.get(code) ?? `the server refused (status ${code})`;
  const words = text.replace(/[\p{C}\p{Z}]+/gu, " ").trim();
  return words === "" ? meaning : `${meaning}: ${words.slice(0, 120)}`;
}
