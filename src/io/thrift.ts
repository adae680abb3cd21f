/** Less memory where time is not short: a router has no more of it than a gigabyte, and other things to do with that. */
import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const lookEveryMs = 500;
/** Shares of the time in which the event loop was at work. */
const busyShare = 0.4;
const calmShare = 0.15;
/** So many calm looks in a row, and what a burst left behind is collected. */
const calmLooks = 10;
/** So many busy ones, and it is a burst: what a single device needs is over before that. */
const busyLooks = 2;

/** Of the space for what is new. A thread that starts sets it back. */
const noGrowth = "--semi-space-growth-factor=1";

/** So much more than after the last collection is worth another one. */
const worthBytes = 6 * 2 ** 20;

export interface Collector {
  /** Lets the heap grow no faster than it must from now on, or as it likes. */
  saving: (on: boolean) => void;
  /** Whether much may have gathered since the last collection. */
  worthwhile: () => boolean;
  collect: () => void;
}

/**
 * Collects early while there is little to do, and as late as V8 likes while there is much: with a thousand devices the heap lives in 35 MB, takes three
 * times as much otherwise, and saving in a burst costs a third of the processor time.
 */
export class Thrift {
  readonly #collector: Collector;
  #saving = false;
  #calm = 0;
  #busy = 0;

  constructor(collector: Collector) {
    this.#collector = collector;
  }

  /** @param share of the time since the last look in which there was work, 0 to 1 */
  look(share: number): void {
    this.#calm = share <= calmShare ? this.#calm + 1 : 0;
    this.#busy = share >= busyShare ? this.#busy + 1 : 0;
    if (this.#saving && this.#busy >= busyLooks) this.#turn(false);
    else if (!this.#saving && this.#calm >= calmLooks) {
      this.#turn(true);
      if (this.#collector.worthwhile()) this.#collector.collect();
    }
  }

  #turn(on: boolean): void {
    this.#saving = on;
    this.#collector.saving(on);
  }
}

/** V8's own. The pause of a collection is some 50 ms with a thousand devices. */
function engine(): Collector {
  setFlagsFromString("--expose-gc");
  const collectHeap = runInNewContext("gc") as () => void;
  let collected = 0;
  return {
    saving: (on) => setFlagsFromString(on ? "--optimize-for-size" : "--no-optimize-for-size"),
    worthwhile: () => usedHeap() >= collected + worthBytes,
    collect: () => {
      collectHeap();
      trim();
      collected = usedHeap();
    },
  };
}

const usedHeap = (): number => getHeapStatistics().used_heap_size;

/** Gives back what the C library keeps for later: after a burst 10 to 15 MB, in a heap for each thread. musl keeps little, and has no such call. */
function trim(): void {
  try {
    const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
    koffi.load("libc.so.6").func("int malloc_trim(size_t)")(0);
  } catch {
    // It stays as it is.
  }
}

/** Looks at the event loop for as long as the process lives. To be called before much is allocated. */
export function saveMemory(): void {
  // Bun's engine is not V8, and has a collector of its own mind.
  if (process.versions.bun !== undefined) return;
  setFlagsFromString(noGrowth);
  const thrift = new Thrift(engine());
  let loop = performance.eventLoopUtilization();
  let spent = spentMs();
  let at = performance.now();
  setInterval(() => {
    setFlagsFromString(noGrowth);
    const now = { loop: performance.eventLoopUtilization(), spent: spentMs(), at: performance.now() };
    const processor = (now.spent - spent) / (now.at - at);
    // Where others take the processor the loop is at work for long, and does little; other threads of ours work at compiling and collecting.
    const { utilization } = performance.eventLoopUtilization(now.loop, loop);
    thrift.look(Math.min(processor, utilization));
    ({ loop, spent, at } = now);
  }, lookEveryMs).unref();
}

/** Processor time of all threads. */
function spentMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
