/**
 * Which processors go on with what the translator gave back. tayga is one thread, which would carry each packet that it translated all the way out before it reads the next one. Of all
 * processors the kernel chooses one for each flow, which may be tayga's own: nothing would be won for that flow. So that one is left out, and tayga is followed when it is moved.
 */
import { millis } from "../../base/time.ts";
import { translatorName } from "../../plan/marks.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Kernel } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";
import type { Processes, Supervised } from "../../ports/processes.ts";

export interface SteeringParts {
  readonly clock: Clock;
  readonly kernel: Pick<Kernel, "spreadReceived">;
  readonly processes: Pick<Processes, "processorOf">;
  readonly log: Log;
}

const every = millis(500);

export class Steering {
  readonly #parts: SteeringParts;
  #busy: number | undefined;
  #timer: Cancel | undefined;
  /** Why one processor does all; said once. */
  #told: string | undefined;

  constructor(parts: SteeringParts) {
    this.#parts = parts;
  }

  /** The interface may have been made anew, and knows nothing of this then. */
  async write(): Promise<void> {
    const { kernel, log } = this.#parts;
    const why = await kernel.spreadReceived(translatorName, this.#busy);
    if (why !== undefined && why !== this.#told)
      log.debug(`464XLAT: one processor does the work behind tayga: ${why}`);
    this.#told = why;
  }

  follow(translator: Pick<Supervised, "pid">): void {
    this.stop();
    this.#timer = this.#parts.clock.after(every, () => void this.#look(translator));
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  async #look(translator: Pick<Supervised, "pid">): Promise<void> {
    this.follow(translator);
    const { pid } = translator;
    const now = pid === undefined ? undefined : this.#parts.processes.processorOf(pid);
    // One processor does all anyway, or it is started again just now.
    if (this.#told !== undefined || now === undefined || now === this.#busy) return;
    this.#busy = now;
    await this.write();
  }
}
