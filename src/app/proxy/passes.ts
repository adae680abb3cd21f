/** A pass that is repeated: never twice at once, at the earliest moment asked for. */
import { type Duration, type Instant, never, plus } from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";

export class Passes {
  #due: Instant = never;
  #cancel: Cancel | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  /** `pass` gives how long to wait for the next one; it never fails. */
  constructor(
    private readonly clock: Clock,
    private readonly pass: () => Promise<Duration>,
  ) {}

  request(after: Duration): void {
    const due = plus(this.clock.now(), after);
    if (this.#stopped || due >= this.#due) return;
    this.#due = due;
    if (!this.#running) this.#arm();
  }

  #arm(): void {
    this.#cancel?.();
    this.#cancel = this.clock.at(this.#due, () => {
      this.#due = never;
      this.#running = this.#run();
    });
  }

  async #run(): Promise<void> {
    const next = await this.pass();
    this.#running = undefined;
    this.request(next);
    if (!this.#stopped) this.#arm();
  }

  /** Resolves when none runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#running;
  }
}
