/** Server-sent events: what changed, gathered over a moment, to a bounded number of listeners. */
import type { Inspection } from "../app/inspection.ts";
import type { Mac } from "../base/mac.ts";
import { millis, seconds } from "../base/time.ts";
import type { Cancel } from "../ports/clock.ts";
import { deviceJson, problemsOf } from "./views.ts";

/** So many listen at once. */
export const mostListeners = 50;
/** Changes within this span are told together: a burst changes a device ten times a second. */
const gather = millis(250);
/** A listener is told that the line is alive, and the gateway learns that it is gone. */
const beat = seconds(15);
/** A listener that reads too slowly is dropped when so many bytes wait for it. */
const mostWaiting = 1024 * 1024;

type Listener = ReadableStreamDefaultController<Uint8Array>;

export class Events {
  readonly #inspection: Inspection;
  readonly #listeners = new Set<Listener>();
  readonly #changed = new Set<Mac>();
  /** What was told last of each device, without when it was seen. */
  readonly #told = new Map<Mac, string>();
  readonly #encoder = new TextEncoder();
  #problems = "";
  #flush: Cancel | undefined;
  #beat: Cancel | undefined;

  constructor(inspection: Inspection) {
    this.#inspection = inspection;
    inspection.listen((mac) => {
      if (this.#listeners.size === 0) return;
      this.#changed.add(mac);
      this.#flush ??= inspection.clock.after(gather, () => this.#tellChanges());
    });
  }

  /** The stream of one listener; undefined: there are too many. */
  open(): ReadableStream<Uint8Array> | undefined {
    if (this.#listeners.size >= mostListeners) return undefined;
    let listener: Listener | undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          listener = controller;
          this.#add(controller);
        },
        cancel: () => {
          if (listener) this.#drop(listener);
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: mostWaiting }),
    );
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  stop(): void {
    for (const listener of this.#listeners) listener.close();
    this.#listeners.clear();
    this.#rest();
  }

  #add(listener: Listener): void {
    if (this.#listeners.size === 0)
      for (const d of this.#inspection.devices()) this.#told.set(d.mac_address, essence(deviceJson(d)));
    this.#listeners.add(listener);
    this.#send(listener, "hello", { problems: problemsOf(this.#inspection) });
    this.#problems = JSON.stringify(problemsOf(this.#inspection));
    this.#beat ??= this.#inspection.clock.after(beat, () => this.#keepAlive());
  }

  #drop(listener: Listener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.#rest();
  }

  /** Nobody listens. */
  #rest(): void {
    this.#flush?.();
    this.#beat?.();
    this.#flush = undefined;
    this.#beat = undefined;
    this.#changed.clear();
    this.#told.clear();
  }

  #tellChanges(): void {
    this.#flush = undefined;
    for (const mac of this.#changed) this.#tellDevice(mac);
    this.#changed.clear();
    this.#tellProblems();
  }

  #tellDevice(mac: Mac): void {
    const stored = this.#inspection.device(mac);
    if (!stored) {
      if (this.#told.delete(mac)) this.#tell("device-removed", { mac_address: mac });
      return;
    }
    const json = deviceJson(stored);
    const text = essence(json);
    if (text === this.#told.get(mac)) return;
    this.#told.set(mac, text);
    this.#tell("device", json);
  }

  #tellProblems(): void {
    const problems = problemsOf(this.#inspection);
    const text = JSON.stringify(problems);
    if (text === this.#problems) return;
    this.#problems = text;
    this.#tell("problems", { problems });
  }

  /** Time alone makes a device inactive. */
  #keepAlive(): void {
    this.#beat = this.#inspection.clock.after(beat, () => this.#keepAlive());
    for (const { mac_address } of this.#inspection.devices()) this.#tellDevice(mac_address);
    this.#tellProblems();
    for (const listener of this.#listeners) this.#write(listener, ": alive\n\n");
  }

  #tell(event: string, data: unknown): void {
    for (const listener of this.#listeners) this.#send(listener, event, data);
  }

  #send(listener: Listener, event: string, data: unknown): void {
    this.#write(listener, `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #write(listener: Listener, text: string): void {
    if ((listener.desiredSize ?? 0) > 0) {
      listener.enqueue(this.#encoder.encode(text));
      return;
    }
    this.#drop(listener);
    listener.error(new Error("the listener reads too slowly"));
  }
}

const essence = ({ last_seen: _, ...rest }: ReturnType<typeof deviceJson>): string => JSON.stringify(rest);
