import type { Mac } from "../base/mac.ts";

export const hookEvents = ["new", "active", "failed", "gone"] as const;
export type HookEvent = (typeof hookEvents)[number];

/** One thing to tell. */
export interface HookMessage {
  readonly event: HookEvent;
  readonly mac: Mac;
  /** JSON text: event, time, gateway and the device as the API shows it. */
  readonly body: string;
}

/** Somebody outside who is told what happens to devices. */
export interface HookSink {
  /** What it is called in logs and metrics. */
  readonly name: "webhook" | "executable";
  /**
   * Ends within the time that the configuration allows. Errors: HookRefusal when telling it again is useless; any other error is a reason to try
   * again.
   */
  deliver(message: HookMessage): Promise<void>;
  /** Ends what is under way. */
  stop(): void;
}

/** The receiver understood, and does not want it. */
export class HookRefusal extends Error {}
