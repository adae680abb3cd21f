/** Whether anything answers behind a NAT64. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import type { PacketLinks } from "../../ports/packet-link.ts";
import { echoAnswers } from "../../wire/bpf.ts";
import { type EchoAnswer, emitEchoFrame, readEchoAnswer } from "../../wire/echo6.ts";

export interface EchoQuestion {
  readonly ifname: string;
  readonly mac: Mac;
  readonly ip: Ip6;
  readonly routerMac: Mac;
  readonly target: Ip6;
  /** Names the exchange. */
  readonly identifier: number;
}

/** Behind the access network, and not far into the Internet: there it ends, and whoever ends it says so. */
const hopLimits = [1, 2, 3, 4, 5, 6, 8, 10];
const pauseMs = 100;
const waitMs = 1_200;

/**
 * Sends echo requests that end after so many hops each, and gives who answers, each once; stops early when `isEnough`. A link that is down is no answer.
 * Errors: as of PacketLinks.open.
 */
export async function askEcho(
  links: PacketLinks,
  { ifname, identifier, ...asked }: EchoQuestion,
  isEnough: (answer: EchoAnswer) => boolean,
): Promise<readonly EchoAnswer[]> {
  const answers = new Map<string, EchoAnswer>();
  let enough = false;
  const link = await links.open(ifname, echoAnswers, (frame) => {
    const answer = readEchoAnswer(frame, asked.target, identifier);
    if (!answer) return;
    answers.set(`${answer.from} ${answer.kind}`, answer);
    enough ||= isEnough(answer);
  });
  try {
    for (const hopLimit of hopLimits) {
      if (enough) break;
      link.send(emitEchoFrame({ ...asked, identifier, hopLimit }));
      await sleep(pauseMs);
    }
    for (let waited = 0; waited < waitMs && !enough; waited += pauseMs) await sleep(pauseMs);
  } catch {
    // Nobody can answer what is not sent.
  } finally {
    await link.close();
  }
  return [...answers.values()];
}
