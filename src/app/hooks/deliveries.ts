/** What waits for one receiver: in order for each device, its older states passed over, a few at once, tried again, and never without end. */
import { messageOf } from "../../base/errors.ts";
import type { Mac } from "../../base/mac.ts";
import { type Duration, scale, seconds, shortest } from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import { type HookMessage, HookRefusal, type HookSink } from "../../ports/hooks.ts";
import type { Log } from "../../ports/log.ts";

export interface DeliveriesParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly sink: HookSink;
  /** Tries after the first one. */
  readonly retries: number;
  /** Most messages that wait. */
  readonly most: number;
  /** It takes nothing at present; undefined: it does. */
  readonly onTrouble: (sentence: string | undefined) => void;
  /** What waits is not the same any more. */
  readonly onWaiting?: () => void;
}

export const hookOutcomes = ["delivered", "failed", "superseded", "dropped"] as const;
export type HookOutcome = (typeof hookOutcomes)[number];

/** What became of the messages so far, and how many wait. */
export interface HookCounts {
  readonly sink: HookSink["name"];
  readonly outcomes: Readonly<Record<HookOutcome, number>>;
  readonly waiting: number;
}

/** The messages of one device, oldest first. */
interface Line {
  readonly waiting: HookMessage[];
  /** The first one is being told. */
  busy: boolean;
  tries: number;
  retry: Cancel | undefined;
}

const atOnce = 4;
const firstPause = seconds(1);
const longestPause = seconds(60);
/** After so many tries of one message it is a trouble worth knowing. */
const worthKnowing = 3;
/** So often are drops told. */
const tellDrops = seconds(60);

export class Deliveries {
  readonly #parts: DeliveriesParts;
  /** By device, the one that has waited longest first. */
  readonly #lines = new Map<Mac, Line>();
  readonly #outcomes: Record<HookOutcome, number> = { delivered: 0, failed: 0, superseded: 0, dropped: 0 };
  #waiting = 0;
  #busy = 0;
  #untold = 0;
  #dropTimer: Cancel | undefined;
  /** The last try, of whatever message, failed. */
  #failing = false;
  #stopped = false;

  constructor(parts: DeliveriesParts) {
    this.#parts = parts;
  }

  get counts(): HookCounts {
    return { sink: this.#parts.sink.name, outcomes: { ...this.#outcomes }, waiting: this.#waiting };
  }

  /** What is not told yet, with what is being told just now; of each device the oldest first. */
  get waiting(): readonly HookMessage[] {
    return [...this.#lines.values()].flatMap(({ waiting }) => waiting);
  }

  add(message: HookMessage): void {
    if (this.#stopped) return;
    const line = this.#lines.get(message.mac) ?? { waiting: [], busy: false, tries: 0, retry: undefined };
    this.#lines.set(message.mac, line);
    this.#supersede(line, message);
    line.waiting.push(message);
    this.#waiting++;
    if (this.#waiting > this.#parts.most) this.#dropOldest();
    this.#parts.onWaiting?.();
    this.#work();
  }

  stop(): void {
    this.#stopped = true;
    this.#dropTimer?.();
    for (const { retry } of this.#lines.values()) retry?.();
    this.#lines.clear();
    this.#waiting = 0;
    this.#parts.sink.stop();
  }

  /** Whether a device works is told as it is now; that it came, and that it went, is told each, and in that order. */
  #supersede(line: Line, { event, mac }: HookMessage): void {
    const isState = (e: HookMessage["event"] | undefined): boolean => e === "active" || e === "failed";
    const old = line.waiting.length - 1;
    const last = line.waiting[old]?.event;
    if (old < (line.busy ? 1 : 0) || !(last === event || (isState(last) && isState(event)))) return;
    const [gone] = line.waiting.splice(old, 1);
    if (old === 0) line.tries = 0;
    this.#waiting--;
    this.#outcomes.superseded++;
    this.#parts.log.debug(`${this.#name}: "${gone?.event}" of ${mac} is not told any more, "${event}" is`);
  }

  #dropOldest(): void {
    for (const [mac, line] of this.#lines) {
      if (line.waiting.length <= (line.busy ? 1 : 0)) continue;
      line.waiting.splice(line.busy ? 1 : 0, 1);
      line.tries = line.busy ? line.tries : 0;
      this.#waiting--;
      this.#outcomes.dropped++;
      this.#untold++;
      this.#tidy(mac, line);
      break;
    }
    if (!this.#dropTimer) this.#tellDrops();
  }

  #tellDrops(): void {
    this.#dropTimer = undefined;
    if (this.#untold === 0) return;
    const { log, most, clock } = this.#parts;
    log.warn(`${this.#name}: the oldest of more than ${most} events that wait are dropped`, {
      dropped: this.#untold,
    });
    this.#untold = 0;
    this.#dropTimer = clock.after(tellDrops, () => this.#tellDrops());
  }

  get #name(): string {
    return `Hook ${this.#parts.sink.name}`;
  }

  #work(): void {
    for (const [mac, line] of this.#lines) {
      if (this.#busy >= atOnce || this.#stopped) return;
      const [message] = line.waiting;
      if (message && !line.busy && !line.retry) void this.#tell(mac, line, message);
    }
  }

  async #tell(mac: Mac, line: Line, message: HookMessage): Promise<void> {
    line.busy = true;
    this.#busy++;
    const failure = await this.#parts.sink.deliver(message).then(
      () => undefined,
      (thrown: unknown) => thrown ?? new Error("it failed"),
    );
    this.#busy--;
    line.busy = false;
    if (this.#stopped) return;
    if (failure === undefined) this.#delivered(line, message);
    else this.#failed(line, message, failure);
    this.#tidy(mac, line);
    this.#work();
  }

  #delivered(line: Line, { event, mac }: HookMessage): void {
    this.#done(line, "delivered");
    this.#parts.log.debug(`${this.#name}: "${event}" of ${mac} is told`);
    if (this.#failing) this.#parts.log.info(`${this.#name} takes events again`);
    this.#failing = false;
    this.#parts.onTrouble(undefined);
  }

  #failed(line: Line, { event, mac }: HookMessage, failure: unknown): void {
    const { log, retries, onTrouble, sink } = this.#parts;
    const why = messageOf(failure);
    line.tries++;
    const isLast = failure instanceof HookRefusal || line.tries > retries;
    if (isLast || line.tries >= worthKnowing)
      onTrouble(`The ${sink.name} of [hooks] does not take events: ${why}.`);
    if (isLast) {
      log.warn(`${this.#name}: "${event}" of ${mac} is given up: ${why}`, { tries: line.tries });
      this.#done(line, "failed");
      return;
    }
    log[this.#failing ? "debug" : "warn"](`${this.#name}: "${event}" of ${mac} is tried again: ${why}`);
    this.#failing = true;
    this.#again(line);
  }

  #again(line: Line): void {
    line.retry = this.#parts.clock.after(pauseAfter(line.tries), () => {
      line.retry = undefined;
      this.#work();
    });
  }

  #done(line: Line, outcome: "delivered" | "failed"): void {
    line.waiting.shift();
    line.tries = 0;
    this.#waiting--;
    this.#outcomes[outcome]++;
    this.#parts.onWaiting?.();
  }

  /** Who has more to tell waits behind the others. */
  #tidy(mac: Mac, line: Line): void {
    if (line.busy) return;
    if (line.waiting.length === 0) line.retry?.();
    this.#lines.delete(mac);
    if (line.waiting.length > 0) this.#lines.set(mac, line);
  }
}

const pauseAfter = (tries: number): Duration =>
  shortest(scale(firstPause, 2 ** Math.min(tries - 1, 10)), longestPause);
