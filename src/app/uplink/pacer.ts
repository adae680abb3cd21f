/** Keeps what we send under what access switches tolerate: 15 ARP, ND or DHCP packets a second, or the port is shut. */
import { type Instant, seconds } from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import { TokenBucket } from "./token-bucket.ts";

/** `nd`: neighbour discovery (ICMPv6). */
export type FrameKind = "arp" | "nd" | "dhcp";

/** `now`: a lease depends on it. `soon`: a device that just came. `later`: one that had no answer so far. */
const ranks = ["now", "soon", "later"] as const;

/** What becomes of a frame that has to wait. */
export interface Queueing {
  /** A newer frame of this name takes the place of one that still waits: its sender has repeated itself. */
  readonly key: string;
  readonly rank: (typeof ranks)[number];
  /** Asked at its turn: false when the sender waits for no answer to it any more. */
  readonly wanted: () => boolean;
  /** It is on its way. */
  readonly onSent?: () => void;
}

interface Waiting {
  readonly task: () => void;
  readonly wanted: () => boolean;
}

type Queue = Map<string | symbol, Waiting>;

interface Lane {
  readonly bucket: TokenBucket;
  readonly queues: Readonly<Record<Queueing["rank"], Queue>>;
  timer: Cancel | undefined;
}

interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** burst + perSecond stays under 15, with room for what the kernel itself sends. */
const frameRate: Rate = { perSecond: 8, burst: 4 };
/** A new device costs four ARP frames and at least two of DHCP, so the queues of frames stay short. */
const deviceRate: Rate = { perSecond: 2, burst: 2 };
/** `unlimited`: exchanges begun and not yet answered; more make a server's socket overflow. */
const openExchanges = 64;
/** After this long without an answer a device no longer counts as an exchange that loads the server. */
const exchangeGrace = seconds(1);

export interface Pacer {
  /** Sends now or when the rate allows: by rank, and in order within one. Without `queueing` nothing is passed over. */
  send(kind: FrameKind, frame: () => void, queueing?: Queueing): void;
  /** Begins a device's acquisition when it is its turn. `done` frees its place early. */
  admit(begin: (done: () => void) => void): void;
  /** Forgets all that still waits. */
  stop(): void;
}

/** The `switch-safe` profile. */
export function switchSafePacer(clock: Clock): Pacer {
  const lane = (rate: Rate): Lane => ({
    bucket: new TokenBucket(rate.perSecond, rate.burst, clock.now()),
    queues: { now: new Map(), soon: new Map(), later: new Map() },
    timer: undefined,
  });
  const lanes = {
    arp: lane(frameRate),
    nd: lane(frameRate),
    dhcp: lane(frameRate),
    device: lane(deviceRate),
  };
  return {
    send: (kind, frame, queueing) => push(clock, lanes[kind], frame, queueing),
    admit: (begin) => push(clock, lanes.device, () => begin(() => {})),
    stop: () => {
      for (const lane of Object.values(lanes)) {
        lane.timer?.();
        for (const queue of Object.values(lane.queues)) queue.clear();
      }
    },
  };
}

function push(clock: Clock, lane: Lane, task: () => void, queueing?: Queueing): void {
  const { key, rank, wanted } = queueing ?? { key: Symbol(), rank: "now", wanted: () => true };
  lane.queues[rank].set(key, { task: () => sendNow(task, queueing), wanted });
  if (!lane.timer) drain(clock, lane);
}

function drain(clock: Clock, lane: Lane): void {
  lane.timer = undefined;
  for (let next = head(lane); next; next = head(lane)) {
    const turn: "taken" | Instant = lane.bucket.take(clock.now());
    if (turn !== "taken") {
      lane.timer = clock.at(turn, () => drain(clock, lane));
      return;
    }
    next.queue.delete(next.key);
    next.task();
  }
}

function sendNow(frame: () => void, queueing: Queueing | undefined): void {
  frame();
  queueing?.onSent?.();
}

/** The next frame that is still wanted. */
function head({ queues }: Lane): { queue: Queue; key: string | symbol; task: () => void } | undefined {
  for (const rank of ranks) {
    const queue = queues[rank];
    for (const [key, { task, wanted }] of queue) {
      if (wanted()) return { queue, key, task };
      queue.delete(key);
    }
  }
  return undefined;
}

/** The `unlimited` profile: frames go at once; only the number of open exchanges is kept in a window. */
export function unlimitedPacer(clock: Clock): Pacer {
  const waiting: ((done: () => void) => void)[] = [];
  let open = 0;
  const next = (): void => {
    while (open < openExchanges) {
      const begin = waiting.shift();
      if (!begin) return;
      open++;
      let over = false;
      const done = (): void => {
        if (over) return;
        over = true;
        open--;
        next();
      };
      clock.after(exchangeGrace, done);
      begin(done);
    }
  };
  return {
    send: (_kind, frame, queueing) => sendNow(frame, queueing),
    admit: (begin) => {
      waiting.push(begin);
      next();
    },
    stop: () => {
      waiting.length = 0;
    },
  };
}
