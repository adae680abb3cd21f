/** RELEASE and DECLINE: retransmitted until answered, while the client goes on (RFC 8415 sections 18.2.7 and 18.2.8). */
import type { Ip6 } from "../../base/ip6.ts";
import { seconds } from "../../base/time.ts";
import type { Dhcp6Message } from "../../wire/dhcp6/message.ts";
import { afterSending, exhausted, leaving, openExchange } from "./exchange.ts";
import type { Dhcp6Effect, Dhcp6Env } from "./interface.ts";
import { leave } from "./messages.ts";
import { answerTo } from "./replies.ts";
import type { Errand, Scene, Transition } from "./state.ts";

/** Between a DECLINE of all addresses and the next SOLICIT, so that a server which offers them again is not asked in a circle. */
export const declinePause = seconds(10);

type Begun = Pick<Transition, "effects" | "errands">;

/** The first message, and what is to be repeated; nothing where there are no addresses. */
export function beginErrand(
  kind: Errand["kind"],
  addresses: readonly Ip6[],
  serverId: Uint8Array,
  { now, env }: Scene,
): Begun {
  if (addresses.length === 0) return { effects: [], errands: [] };
  const exchange = afterSending(openExchange(env.rng, now, now), leaving, now, env.rng);
  const errand = { kind, addresses, serverId, exchange };
  return { effects: [leave(env, errand)], errands: [errand] };
}

/** Sends what is due, and ends what went out often enough. */
export function repeatErrands(errands: readonly Errand[], { now, env }: Scene): Begun {
  const effects: Dhcp6Effect[] = [];
  const going = errands
    .filter(({ exchange }) => !exhausted(exchange, leaving, now))
    .map((errand) => {
      if (now < errand.exchange.at) return errand;
      const again = { ...errand, exchange: afterSending(errand.exchange, leaving, now, env.rng) };
      effects.push(leave(env, again));
      return again;
    });
  return { effects, errands: going };
}

/** The errand that this message ends: any REPLY does, whatever its status. */
export const answeredErrand = (
  errands: readonly Errand[],
  message: Dhcp6Message,
  env: Dhcp6Env,
): Errand | undefined =>
  errands.find(({ exchange }) => {
    const heard = answerTo(exchange, message, env);
    return heard.kind === "reply" && heard.reply.type === "reply";
  });
