/**
 * What the access switch does to a port that shows too many MACs, or too many frames: it drops the MACs beyond its limit, or shuts the
 * port. Neither is ever told to us; this reads it from who is answered.
 */
import type { Mac } from "../../base/mac.ts";
import { between, formatWall, type Instant, instant, minutes, seconds, wallPlus } from "../../base/time.ts";
import type { Clock } from "../../ports/clock.ts";
import { Bursts } from "./bursts.ts";
import { limitIn } from "./mac-limit.ts";

export interface PortHealthParts {
  readonly clock: Clock;
  readonly wanPort: string;
  /** Has a device that works ask its server again: only an answer shows that the server is there. */
  readonly ask: (mac: Mac) => void;
  readonly tell: (trouble: "port-limit" | "port-shut" | "wan-quiet", sentence: string | undefined) => void;
}

interface Asked {
  readonly since: Instant;
  /** The last answer since then. */
  answeredAt: Instant | undefined;
}

/** A device that had no answer for so long has none. */
const silentAfter = seconds(20);
/** Routers are asked well within this time: where nobody at all speaks then, nothing gets through. */
const deafAfter = seconds(45);
/** What shuts a port does so at once. */
const shutWithin = seconds(3);
/** An answer older than this does not show that the server is there now. */
const freshFor = minutes(2);
/** Fewer devices than these stop together by chance. */
const fewest = 3;

export class PortHealth {
  readonly #parts: PortHealthParts;
  /** In the order of their first questions. */
  readonly #devices = new Map<Mac, Asked>();
  readonly #bursts = new Bursts();
  #heardAt = instant(Number.NEGATIVE_INFINITY);
  /** Carrier was lost then, and is not back. */
  #lostAt: Instant | undefined;
  #quiet: string | undefined;
  #isShut = false;

  constructor(parts: PortHealthParts) {
    this.#parts = parts;
  }

  /** The device has its interface, and asks from now on. */
  asks(mac: Mac): void {
    if (!this.#devices.has(mac))
      this.#devices.set(mac, { since: this.#parts.clock.now(), answeredAt: undefined });
  }

  /** The network has spoken to the device alone. */
  answered(mac: Mac): void {
    const device = this.#devices.get(mac);
    if (device) device.answeredAt = this.#parts.clock.now();
  }

  forget(mac: Mac): void {
    this.#devices.delete(mac);
  }

  /** A frame of ours leaves. */
  sent(): void {
    this.#bursts.note(this.#parts.clock.now());
  }

  /** A frame of another station came in. */
  heard(): void {
    this.#heardAt = this.#parts.clock.now();
    if (this.#isShut) this.#judgeShut();
  }

  carrier(isThere: boolean): void {
    if (isThere) this.#lostAt = undefined;
    else this.#lostAt ??= this.#parts.clock.now();
  }

  /** What is said of a link where nobody is heard; a port that was shut says why. */
  quiet(sentence: string | undefined): void {
    this.#quiet = sentence;
    this.#parts.tell("wan-quiet", this.#isShut ? undefined : sentence);
  }

  /** To be called every few seconds. */
  look(): void {
    this.#judgeShut();
    this.#judgeLimit();
  }

  #judgeShut(): void {
    const { tell } = this.#parts;
    const sentence = this.#shutSentence();
    this.#isShut = sentence !== undefined;
    tell("port-shut", sentence);
    tell("wan-quiet", this.#isShut ? undefined : this.#quiet);
  }

  #shutSentence(): string | undefined {
    const { clock, wanPort } = this.#parts;
    const endedAt = this.#lostAt ?? this.#heardAt;
    const lasts = between(endedAt, clock.now());
    const worked = [...this.#devices.values()].filter(({ answeredAt }) => answeredAt !== undefined).length;
    if (worked < fewest || lasts < (this.#lostAt ? silentAfter : deafAfter)) return undefined;
    const most = this.#bursts.around(endedAt, shutWithin);
    if (most === undefined) return undefined;
    const at = formatWall(wallPlus(clock.wall(), between(clock.now(), endedAt))).slice(11, 19);
    const what = this.#lostAt
      ? `${wanPort} lost its carrier at`
      : `Nothing has been heard on ${wanPort} since`;
    return `${what} ${at} UTC, right after ${most} frames of ours within a second: the switch has probably shut the port (err-disabled by a limit on ARP or DHCP). Enable it there, and see [pacing].`;
  }

  #judgeLimit(): void {
    const { clock, tell, ask } = this.#parts;
    const now = clock.now();
    const devices = [...this.#devices.entries()];
    const old = devices.filter(([, d]) => d.answeredAt !== undefined || between(d.since, now) > silentAfter);
    const limit = this.#isShut
      ? undefined
      : limitIn(old.map(([, { answeredAt }]) => answeredAt !== undefined));
    if (!limit) {
      tell("port-limit", undefined);
      return;
    }
    const lastCame = old.at(-1)?.[1].since ?? now;
    const answered = old.filter(([, { answeredAt }]) => answeredAt !== undefined);
    const isFresh = ([, { answeredAt }]: (typeof answered)[number]): boolean =>
      answeredAt !== undefined && answeredAt > lastCame && between(answeredAt, now) < freshFor;
    const proof = answered.find(isFresh);
    if (proof) tell("port-limit", limitSentence(limit));
    else tell("port-limit", undefined);
    // Whose answer is the oldest: each in its turn, and never more than one at a look.
    const next = answered.sort((a, b) => (a[1].answeredAt ?? 0) - (b[1].answeredAt ?? 0))[0];
    if (!proof && next) ask(next[0]);
  }
}

const limitSentence = ({ works, silent }: { readonly works: number; readonly silent: number }): string =>
  `${works} devices are answered, and none of the ${silent} that came after them: the switch port probably admits only ${works} MAC addresses (port security limit). Have the limit raised, or the MACs registered.`;
