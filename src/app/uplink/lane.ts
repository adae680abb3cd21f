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
  /** The question to a server that it asks. */
  readonly exchange?: Exchange;
  /** It leaves at once, whatever waits: seldom, and for everybody. What follows has to wait for it. */
  readonly forAll?: true;
}

/** The servers of one family may answer while those of the other do not. */
export type Servers = "DHCPv4" | "DHCPv6";

export interface Exchange {
  readonly servers: Servers;
  /** The same for the repetitions of a question, and for no other one of these servers. */
  readonly id: string;
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
/** Those of one rank: questions to the one family's servers do not wait for room at the other's. */
type Row = Readonly<Record<Servers | "nobody", Queue>>;

export interface LaneParts {
  readonly clock: Clock;
  /** Absent: no limit. */
  readonly rate: Rate | undefined;
  /** Whether questions of this rank to these servers may go now; who says no drains the lane later. */
  readonly gate?: (rank: Rank, servers: Servers | "nobody") => boolean;
}

export class Lane {
  readonly #parts: LaneParts;
  readonly #bucket: TokenBucket | undefined;
  readonly #rows: Readonly<Record<Rank, Row>> = { now: newRow(), soon: newRow(), later: newRow() };
  #timer: Cancel | undefined;
  #draining = false;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    const { rate, clock } = parts;
    this.#bucket = rate && new TokenBucket(rate.perSecond, rate.burst, clock.now());
  }

  /** Without `queueing` nothing is passed over. */
  push(task: () => void, queueing?: Queueing): void {
    if (queueing?.forAll) {
      this.spend(1);
      carryOut({ task, queueing });
      return;
    }
    if (this.#goes(queueing)) {
      this.#work({ task, queueing });
      return;
    }
    const { key, rank, exchange } = queueing ?? { key: Symbol(), rank: "now" };
    this.#rows[rank][exchange?.servers ?? "nobody"].set(key, { task, queueing });
    if (!this.#timer) this.drain();
  }

  /** Whether it need not wait, since nothing else does; then its turn is taken. */
  #goes(queueing: Queueing | undefined): boolean {
    if (this.#timer || this.#draining || !this.#isEmpty() || queueing?.wanted() === false) return false;
    const rank = queueing?.rank ?? "now";
    if (this.#parts.gate?.(rank, queueing?.exchange?.servers ?? "nobody") === false) return false;
    return (this.#bucket?.take(this.#parts.clock.now()) ?? "taken") === "taken";
  }

  #isEmpty(): boolean {
    const { now, soon, later } = this.#rows;
    return sizeOf(now) + sizeOf(soon) + sizeOf(later) === 0;
  }

  /** Others used the lane's road: what waits here has to wait longer. */
  spend(count: number): void {
    this.#bucket?.spend(count, this.#parts.clock.now());
  }

  /** Sends what may go now. */
  drain(): void {
    this.#work();
  }

  /** @param first what has its turn already */
  #work(first?: Waiting): void {
    // What is sent may bring others into the lane.
    if (this.#draining) return;
    this.#draining = true;
    try {
      if (first) carryOut(first);
      if (!first || !this.#isEmpty()) this.#drain();
    } finally {
      this.#draining = false;
    }
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
    for (const row of Object.values(this.#rows)) for (const queue of Object.values(row)) queue.clear();
  }

  #drain(): void {
    this.#timer?.();
    this.#timer = undefined;
    const { clock } = this.#parts;
    for (let next = this.#head(); next; next = this.#head()) {
      const { queue, key, waiting } = next;
      const turn: "taken" | Instant = this.#bucket?.take(clock.now()) ?? "taken";
      if (turn !== "taken") {
        this.#timer = clock.at(turn, () => this.drain());
        return;
      }
      queue.delete(key);
      carryOut(waiting);
    }
  }

  /** The next one that is still wanted, of those that may go. */
  #head(): { queue: Queue; key: string | symbol; waiting: Waiting } | undefined {
    const { gate } = this.#parts;
    for (const rank of ranks) {
      for (const servers of lines) {
        const queue = this.#rows[rank][servers];
        if (queue.size === 0 || gate?.(rank, servers) === false) continue;
        for (const [key, waiting] of queue) {
          if (waiting.queueing?.wanted() ?? true) return { queue, key, waiting };
          queue.delete(key);
        }
      }
    }
    return undefined;
  }
}

function carryOut({ task, queueing }: Waiting): void {
  task();
  queueing?.onSent?.();
}

const lines = ["nobody", "DHCPv4", "DHCPv6"] as const;
const sizeOf = ({ nobody, DHCPv4, DHCPv6 }: Row): number => nobody.size + DHCPv4.size + DHCPv6.size;
const newRow = (): Row => ({ nobody: new Map(), DHCPv4: new Map(), DHCPv6: new Map() });
