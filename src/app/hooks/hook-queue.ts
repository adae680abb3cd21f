/** What waits to be told outside, kept over a restart. Most of it is told within a moment, so that the file is written only when a receiver does not take it. */
import { messageOf } from "../../base/errors.ts";
import { parseMac } from "../../base/mac.ts";
import { seconds } from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { DurableText } from "../../ports/files.ts";
import { type HookMessage, hookEvents } from "../../ports/hooks.ts";
import type { Log } from "../../ports/log.ts";

/** By receiver, oldest first. */
export type WaitingMessages = Readonly<Record<string, readonly HookMessage[]>>;

export interface HookQueueParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly file: DurableText;
  /** What waits now. */
  readonly waiting: () => WaitingMessages;
}

export const hookQueueFile = (stateDirectory: string): string => `${stateDirectory}/hook-queue.json`;

const pause = seconds(5);
/** Bytes of one message: a device as the API shows it has a few hundred. */
const longestBody = 64 * 1024;

export class HookQueue {
  readonly #parts: HookQueueParts;
  #saved = render({});
  #timer: Cancel | undefined;
  #complained = false;

  constructor(parts: HookQueueParts) {
    this.#parts = parts;
  }

  /** What waited when the gateway ended; never rejects. */
  async load(): Promise<WaitingMessages> {
    const { file, log } = this.#parts;
    const refusal = (text: string): string | undefined =>
      parse(text) ? undefined : "no queue of hook messages";
    try {
      const { text, problems } = await file.load(refusal);
      for (const problem of problems) log.warn(problem);
      if (text === undefined) return {};
      this.#saved = text;
      return parse(text) ?? {};
    } catch (thrown) {
      log.warn(`What waited for [hooks] cannot be read: ${messageOf(thrown)}`);
      return {};
    }
  }

  /** Something waits, or does not any more. */
  changed(): void {
    this.#timer ??= this.#parts.clock.after(pause, () => {
      this.#timer = undefined;
      void this.#save();
    });
  }

  /** Keeps what waits still. */
  async stop(): Promise<void> {
    this.#timer?.();
    this.#timer = undefined;
    await this.#save();
  }

  async #save(): Promise<void> {
    const { file, log, waiting } = this.#parts;
    const text = render(waiting());
    if (text === this.#saved) return;
    try {
      await file.save(text);
      this.#saved = text;
      this.#complained = false;
    } catch (thrown) {
      if (!this.#complained) log.warn(`What waits for [hooks] is lost at a restart: ${messageOf(thrown)}`);
      this.#complained = true;
    }
  }
}

function render(waiting: WaitingMessages): string {
  const some = Object.entries(waiting).filter(([, messages]) => messages.length > 0);
  return `${JSON.stringify({ version: 1, waiting: Object.fromEntries(some) }, undefined, 1)}\n`;
}

/** Undefined: it is no such file. */
function parse(text: string): WaitingMessages | undefined {
  try {
    const { version, waiting } = JSON.parse(text) as { version?: unknown; waiting?: unknown };
    if (version !== 1 || typeof waiting !== "object" || waiting === null) return undefined;
    const lists = Object.entries(waiting).map(([sink, list]) => [sink, messagesOf(list)] as const);
    return lists.every(([, list]) => list) ? (Object.fromEntries(lists) as WaitingMessages) : undefined;
  } catch {
    return undefined;
  }
}

function messagesOf(list: unknown): readonly HookMessage[] | undefined {
  return Array.isArray(list) && list.every(isMessage) ? list : undefined;
}

function isMessage(value: unknown): value is HookMessage {
  const { event, mac, body } = (value ?? {}) as Partial<Record<keyof HookMessage, unknown>>;
  return (
    hookEvents.some((known) => known === event) &&
    typeof mac === "string" &&
    parseMac(mac).ok &&
    typeof body === "string" &&
    body.length <= longestBody
  );
}
