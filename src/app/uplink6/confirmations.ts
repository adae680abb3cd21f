/**
 * Whether the network lets a device's frames pass. Router advertisements reach every MAC, registered or not, and with them the kernel makes
 * addresses that nothing comes back to: only an answer to the device itself proves that it works.
 */
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import type { Rng } from "../../base/rng.ts";
import { type Duration, millis, plus, seconds } from "../../base/time.ts";
import { doubled, spread } from "../../machine/retry.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NdFrame } from "../../wire/nd/message.ts";
import { Alarms } from "../uplink/alarms.ts";
import type { Queueing } from "../uplink/pacer.ts";
import { question } from "./router-watch6.ts";

export interface ConfirmationsParts {
  readonly clock: Clock;
  readonly rng: Rng;
  /** Pause between the slow questions of a device that is not answered; doubles up to ten times this. */
  readonly failedRetry: Duration;
  readonly send: (frame: NdFrame, queueing: Queueing) => void;
  /** The device's link-local address, while it may be used. */
  readonly linkLocal: (mac: Mac) => Ip6 | undefined;
  /** The default router to ask. */
  readonly router: () => Ip6 | undefined;
  /** Has the link hear of the device anew: what it has said so far was perhaps dropped. */
  readonly introduce: (mac: Mac) => void;
  /** It is answered, or is not any more. `late`: what it said before was perhaps dropped. */
  readonly onVerdict: (mac: Mac, late: boolean) => void;
}

/** `open`: not known yet. `silent`: the router that does not answer the device. */
export type Confirmation = "open" | "answered" | { readonly silent: Ip6 };

interface Entry {
  verdict: Confirmation;
  /** Questions since the last answer. */
  asked: number;
}

/** DHCP servers of either family answer within this time, as a rule: then there is nothing to ask. */
const grace = seconds(1);
const answerWithin = seconds(1);
/** Unanswered questions until the device counts as cut off. */
const patience = 3;

export class Confirmations {
  readonly #parts: ConfirmationsParts;
  readonly #entries = new Map<Mac, Entry>();
  readonly #alarms: Alarms<Mac>;

  constructor(parts: ConfirmationsParts) {
    this.#parts = parts;
    this.#alarms = new Alarms(parts.clock, (mac) => this.#turn(mac));
  }

  /** Where there is no router, there is nobody to miss. */
  of(mac: Mac): Confirmation {
    const verdict = this.#entries.get(mac)?.verdict ?? "open";
    return verdict === "open" && !this.#parts.router() ? "answered" : verdict;
  }

  /** The device has an address beyond the link. `before`: it had one before we started, and worked, then. */
  want(mac: Mac, before: boolean): void {
    if (this.#entries.has(mac)) return;
    this.#entries.set(mac, { verdict: before ? "answered" : "open", asked: 0 });
    this.#wakeIn(mac, grace);
  }

  /** A station of the network has spoken to the device alone. */
  answered(mac: Mac): void {
    const entry = this.#entries.get(mac);
    const was = entry?.verdict;
    const late = entry !== undefined && entry.asked > 1;
    this.#entries.set(mac, { verdict: "answered", asked: 0 });
    this.#alarms.delete(mac);
    if (was !== undefined && was !== "answered") this.#parts.onVerdict(mac, late);
  }

  /** The link may be another one; what is known holds until the question has failed. */
  doubt(mac: Mac): void {
    const entry = this.#entries.get(mac);
    if (!entry) return;
    entry.asked = 0;
    this.#wakeIn(mac, grace);
  }

  forget(mac: Mac): void {
    this.#entries.delete(mac);
    this.#alarms.delete(mac);
  }

  stop(): void {
    this.#alarms.stop();
    this.#entries.clear();
  }

  #wakeIn(mac: Mac, wait: Duration): void {
    this.#alarms.set(mac, plus(this.#parts.clock.now(), wait));
  }

  #turn(mac: Mac): void {
    const entry = this.#entries.get(mac);
    if (!entry) return;
    const { linkLocal, router, onVerdict, introduce } = this.#parts;
    const source = linkLocal(mac);
    const target = router();
    if (!source || !target) {
      this.#wakeIn(mac, grace);
      return;
    }
    if (entry.asked === patience) {
      entry.verdict = { silent: target };
      onVerdict(mac, false);
    }
    if (entry.asked > 0) introduce(mac);
    this.#ask(mac, entry, source, target);
  }

  /** The time to answer runs from when the question was really sent: frames wait for their turn. */
  #ask(mac: Mac, entry: Entry, source: Ip6, target: Ip6): void {
    const isCurrent = (): boolean => this.#entries.get(mac) === entry;
    // To the group: the router's MAC may be that of another network.
    this.#parts.send(question({ mac, ip: source }, target), {
      key: `confirm ${mac}`,
      rank: entry.asked < patience ? "soon" : "later",
      wanted: isCurrent,
      onSent: () => {
        if (!isCurrent()) return;
        entry.asked++;
        this.#wakeIn(mac, this.#pauseAfter(entry.asked));
      },
    });
  }

  #pauseAfter(asked: number): Duration {
    if (asked <= patience) return answerWithin;
    const { rng, failedRetry } = this.#parts;
    return spread(rng, doubled(failedRetry, asked - patience - 1, millis(failedRetry * 10)), 0.1);
  }
}
