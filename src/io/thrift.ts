/** Less memory where time is not short: a router has no more of it than a gigabyte, and other things to do with that. */
import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const lookEveryMs = 500;
/** Shares of the time in which the event loop was at work. */
const busyShare = 0.4;
const calmShare = 0.15;
/** So many calm looks in a row, and what a burst left behind is collected. */
const calmLooks = 10;

export interface Collector {
  /** Lets the heap grow no faster than it must from now on, or as it likes. */
  saving: (on: boolean) => void;
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

  constructor(collector: Collector) {
    this.#collector = collector;
  }

  /** @param share of the time since the last look in which there was work, 0 to 1 */
  look(share: number): void {
    this.#calm = share <= calmShare ? this.#calm + 1 : 0;
    if (this.#saving && share >= busyShare) this.#turn(false);
    else if (!this.#saving && this.#calm >= calmLooks) {
      this.#turn(true);
      this.#collector.collect();
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
  return {
    saving: (on) => setFlagsFromString(on ? "--optimize-for-size" : "--no-optimize-for-size"),
    collect: runInNewContext("gc") as () => void,
  };
}

/** Looks at the event loop for as long as the process lives. To be called before much is allocated. */
export function saveMemory(): void {
  // Bun's engine is not V8, and has a collector of its own mind.
  if (process.versions.bun !== undefined) return;
  setFlagsFromString("--semi-space-growth-factor=1");
  const thrift = new Thrift(engine());
  let before = performance.eventLoopUtilization();
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    thrift.look(performance.eventLoopUtilization(now, before).utilization);
    before = now;
  }, lookEveryMs).unref();
}
