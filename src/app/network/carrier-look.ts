/**
 * Does not wait until the kernel has told of each link. It deals with a hundred that came or went and then rests for a second (linkwatch), and each identity's link
 * follows its port's: with a thousand of them the next news of the port itself waits up to ten seconds behind theirs, and so does what each of them sends. So for a
 * while after the cable came or went the port is looked at, and once it is back the kernel is asked for each identity, which it then deals with at once.
 */
import { messageOf } from "../../base/errors.ts";
import { type Instant, instant, millis, plus, seconds } from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Kernel, KernelEvent } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";

type LinkEvent = Extract<KernelEvent, { kind: "link" }>;

export interface CarrierLookParts {
  readonly clock: Clock;
  readonly kernel: Pick<Kernel, "carriers">;
  readonly log: Log;
  readonly port: string;
  /** Interfaces whose carrier is the port's. */
  readonly followers: () => readonly string[];
  /** What the kernel will tell later, or not at all where the cable comes and goes again meanwhile. */
  readonly onEvent: (event: LinkEvent) => void;
}

const every = millis(250);
/** After the last change, and as long as the kernel needs for all that follows besides. */
const lasts = seconds(60);
const kernelsPerSecond = 100;

export class CarrierLook {
  readonly #parts: CarrierLookParts;
  #told: LinkEvent | undefined;
  #carrier = true;
  #until: Instant = instant(Number.NEGATIVE_INFINITY);
  #timer: Cancel | undefined;

  constructor(parts: CarrierLookParts) {
    this.#parts = parts;
  }

  /** How it is before the first event. */
  begin(carrier: boolean): void {
    this.#carrier = carrier;
  }

  kernelEvent(event: KernelEvent): void {
    // What was lost may have been the news that we look for.
    if (event.kind === "resync") this.#lookOn();
    if (event.kind !== "link" || event.ifname !== this.#parts.port) return;
    const had = this.#carrier;
    this.#told = event;
    this.#carrier = event.carrier;
    if (event.gone) this.stop();
    else if (event.carrier !== had) this.#changed(event.carrier);
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  #changed(carrier: boolean): void {
    if (carrier) void this.#ask(this.#parts.followers());
    this.#lookOn();
  }

  #lookOn(): void {
    const { clock, followers } = this.#parts;
    this.#until = plus(plus(clock.now(), lasts), seconds(followers().length / kernelsPerSecond));
    if (!this.#timer) this.#arm();
  }

  async #ask(ifnames: readonly string[]): Promise<ReadonlyMap<string, boolean>> {
    const { kernel, log } = this.#parts;
    try {
      return await kernel.carriers(ifnames);
    } catch (thrown) {
      log.debug(`carriers cannot be looked at: ${messageOf(thrown)}`);
      return new Map();
    }
  }

  #arm(): void {
    this.#timer = this.#parts.clock.after(every, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { clock, port, onEvent } = this.#parts;
    const timer = this.#timer;
    const told = this.#told;
    const carrier = (await this.#ask([port])).get(port);
    if (this.#timer !== timer) return;
    // What the kernel told meanwhile is newer.
    const isNews = carrier !== undefined && carrier !== this.#carrier && told === this.#told;
    if (told && isNews) onEvent({ ...told, up: told.up || carrier, carrier });
    this.#timer = undefined;
    if (clock.now() < this.#until) this.#arm();
  }
}
