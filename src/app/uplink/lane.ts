/** Frames of one kind that wait for their turn: by rank, within a rate, and while the gate lets them. */
import type { Instant } from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import { TokenBucket } from "./token-bucket.ts";

/** `now`: a lease depends on it. `soon`: a device that just came. `later`: one that had no answer so far. */
const ranks = ["now", "soon", "later"] as const;
export type Rank = (typeof ranks)[number];

/** What becomes of a frame that has to wait. */
export interface Queueing {
  /** A newer frame of this name takes the place of one that still waits: its sender has repeated itself. */
  readonly key: string;
  readonly rank: Rank;
  /** Asked at its turn: false when the sender waits for no answer to it any more. */
  readonly wanted: () => boolean;
  /** It is on its way. */
  readonly onSent?: () => void;
  /** The question to a server that it asks; repetitions ask the same one. */
  readonly exchange?: string;
}

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

interface Waiting {
  readonly task: () => void;
  readonly queueing: Queueing | undefined;
}

type Queue = Map<string | symbol, Waiting>;

export interface LaneParts {
  readonly clock: Clock;
  /** Absent: no limit. */
  readonly rate: Rate | undefined;
  /** Whether this one may go now; who says no drains the lane later. */
  readonly gate?: (queueing: Queueing | undefined) => boolean;
}

export class Lane {
  readonly #parts: LaneParts;
  readonly #bucket: TokenBucket | undefined;
  readonly #queues: Readonly<Record<Rank, Queue>> = { now: new Map(), soon: new Map(), later: new Map() };
  #timer: Cancel | undefined;
  #draining = false;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    const { rate, clock } = parts;
    this.#bucket = rate && new TokenBucket(rate.perSecond, rate.burst, clock.now());
  }

  /** How many of this rank wait. */
  waiting(rank: Rank): number {
    return this.#queues[rank].size;
  }

  /** Without `queueing` nothing is passed over. */
  push(task: () => void, queueing?: Queueing): void {
    const { key, rank } = queueing ?? { key: Symbol(), rank: "now" };
    this.#queues[rank].set(key, { task, queueing });
    if (!this.#timer) this.drain();
  }

  /** Others used the lane's road: what waits here has to wait longer. */
  spend(count: number): void {
    this.#bucket?.spend(count, this.#parts.clock.now());
  }

  /** Sends what may go now. */
  drain(): void {
    // What is sent may bring others into the lane.
    if (this.#draining) return;
    this.#draining = true;
    try {
      this.#drain();
    } finally {
      this.#draining = false;
    }
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
    for (const queue of Object.values(this.#queues)) queue.clear();
  }

  #drain(): void {
    this.#timer?.();
    this.#timer = undefined;
    const { clock, gate } = this.#parts;
    for (let next = this.#head(); next; next = this.#head()) {
      const { queue, key, waiting } = next;
      if (gate && !gate(waiting.queueing)) return;
      const turn: "taken" | Instant = this.#bucket?.take(clock.now()) ?? "taken";
      if (turn !== "taken") {
        this.#timer = clock.at(turn, () => this.drain());
        return;
      }
      queue.delete(key);
      waiting.task();
      waiting.queueing?.onSent?.();
    }
  }

  /** The next one that is still wanted. */
  #head(): { queue: Queue; key: string | symbol; waiting: Waiting } | undefined {
    for (const rank of ranks) {
      const queue = this.#queues[rank];
      for (const [key, waiting] of queue) {
        if (waiting.queueing?.wanted() ?? true) return { queue, key, waiting };
        queue.delete(key);
      }
    }
    return undefined;
  }
}
