/** From a REPLY that grants an IA to addresses in use. */
import { invalid, type Parsed, valid } from "../../base/parsed.ts";
import type { Instant } from "../../base/time.ts";
import type { IaNa } from "../../wire/dhcp6/message.ts";
import { failAttempt } from "./attempts.ts";
import { beginErrand, declinePause } from "./errands.ts";
import { leaseOf, readAddresses } from "./grant.ts";
import { hold, settle } from "./hold.ts";
import type { Dhcp6Event } from "./interface.ts";
import type { Lease6 } from "./lease.ts";
import type { Reply } from "./replies.ts";
import { first, type Row, type Scene, type Transition } from "./state.ts";

export interface Grant {
  readonly reply: Reply;
  readonly ia: IaNa;
  /** When the message went out that it answers. */
  readonly sentAt: Instant;
  readonly row: Row;
  readonly event: (lease: Lease6) => Dhcp6Event;
}

/** Addresses are in use at once: the kernel's DAD tells of duplicates. What we must not take is declined. Else why it grants nothing. */
export function takeGrant({ reply, ia, sentAt, row, event }: Grant, scene: Scene): Parsed<Transition> {
  const { usable, refused } = readAddresses(ia, sentAt, [], scene);
  const declined = beginErrand(
    "decline",
    refused.map(({ address }) => address),
    reply.serverId,
    scene,
  );
  if (usable.length > 0) {
    const lease = leaseOf(reply, ia, usable, sentAt, scene.env.rng);
    const settled = first(declined, settle(hold(lease, row, scene.now), scene));
    return valid(
      first(
        [
          { kind: "configure", lease },
          { kind: "event", event: event(lease) },
        ],
        settled,
      ),
    );
  }
  const [problem] = refused;
  if (problem === undefined) return invalid("the server's answer holds no usable address");
  const reason = `address declined: ${problem.address}: ${problem.why}`;
  return valid(first(declined, failAttempt(row, { kind: "answered", reason }, scene, declinePause)));
}
