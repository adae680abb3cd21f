/** Server-sent events: what changed, gathered over a moment, to a bounded number of listeners. */
import type { DeviceEntry } from "../app/devices/timeline.ts";
import type { Inspection } from "../app/inspection.ts";
import type { Mac } from "../base/mac.ts";
import { millis, seconds } from "../base/time.ts";
import type { StoredDevice } from "../config/state-device.ts";
import type { Cancel } from "../ports/clock.ts";
import { deviceJson, problemsOf, recentJson } from "./views.ts";

/** So many listen at once, and so many from one address. */
export const mostListeners = 50;
export const mostOfOne = 10;
/** Changes within this span are told together: a burst changes a device ten times a second. */
const gather = millis(250);
/** So many devices at a time: a listener reads meanwhile. */
const portion = 200;
const breath = millis(20);
/** A listener is told that the line is alive, and the gateway learns that it is gone. */
const beat = seconds(15);
/** A listener that reads too slowly is dropped when so many bytes wait for it. */
const mostWaiting = 1024 * 1024;

/** Things that happened, between two tellings; of more the oldest are left out. */
const mostHappened = 1000;

type Listener = ReadableStreamDefaultController<Uint8Array>;

interface Hearing {
  /** The address that it listens from. */
  readonly from: string;
  /** It hears of each thing that happens, too. */
  readonly timeline: boolean;
}

export class Events {
  readonly #inspection: Inspection;
  readonly #listeners = new Map<Listener, Hearing>();
  readonly #happened: DeviceEntry[] = [];
  readonly #changed = new Set<Mac>();
  /** Of these who went, be it that they are back by now. */
  readonly #gone = new Set<Mac>();
  /** What was told last of each device, without when it was seen. */
  readonly #told = new Map<Mac, string>();
  readonly #encoder = new TextEncoder();
  #problems = "";
  #flush: Cancel | undefined;
  #beat: Cancel | undefined;
  #stopped = false;

  constructor(inspection: Inspection) {
    this.#inspection = inspection;
    inspection.listen((mac, isGone) => {
      if (this.#listeners.size === 0) return;
      if (isGone) this.#gone.add(mac);
      this.#mark(mac);
    });
    inspection.onEvent((mac, entry) => {
      if ([...this.#listeners.values()].some(({ timeline }) => timeline)) this.#note({ mac, entry });
    });
  }

  /** The stream of one listener; undefined: there are too many. @param from its address; empty: the Unix socket, which has no share */
  open(from: string, timeline = false): ReadableStream<Uint8Array> | undefined {
    const same = [...this.#listeners.values()].filter((one) => one.from === from).length;
    const full = this.#listeners.size >= mostListeners || same >= mostOfOne;
    if (this.#stopped || (full && from !== "")) return undefined;
    let listener: Listener | undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          listener = controller;
          this.#add(controller, { from, timeline });
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
    this.#stopped = true;
    for (const listener of this.#listeners.keys()) listener.close();
    this.#listeners.clear();
    this.#rest();
  }

  #add(listener: Listener, hearing: Hearing): void {
    // Those who listen already are told first: what this one is told they would miss.
    this.#tellProblems();
    if (this.#listeners.size === 0)
      for (const d of this.#inspection.devices()) this.#told.set(d.mac_address, essence(d));
    this.#listeners.set(listener, hearing);
    this.#write(listener, this.#bytes("hello", { problems: problemsOf(this.#inspection) }));
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
    this.#gone.clear();
    this.#told.clear();
    this.#happened.length = 0;
  }

  #note(happened: DeviceEntry): void {
    if (this.#happened.length >= mostHappened) this.#happened.shift();
    this.#happened.push(happened);
    this.#flush ??= this.#inspection.clock.after(gather, () => this.#tellChanges());
  }

  #mark(mac: Mac): void {
    this.#changed.add(mac);
    this.#flush ??= this.#inspection.clock.after(gather, () => this.#tellChanges());
  }

  #tellChanges(): void {
    this.#flush = undefined;
    for (const one of this.#happened.splice(0)) this.#tellTimeline(one);
    const some = [...this.#changed].slice(0, portion);
    for (const mac of some) {
      this.#changed.delete(mac);
      this.#tellDevice(mac);
    }
    this.#tellProblems();
    if (this.#changed.size > 0 && this.#listeners.size > 0)
      this.#flush = this.#inspection.clock.after(breath, () => this.#tellChanges());
  }

  #tellDevice(mac: Mac): void {
    const stored = this.#inspection.device(mac);
    const wentMeanwhile = this.#gone.delete(mac);
    if ((wentMeanwhile || !stored) && this.#told.delete(mac))
      this.#tell("device-removed", { mac_address: mac });
    if (!stored) return;
    const text = essence(stored);
    if (text === this.#told.get(mac)) return;
    this.#told.set(mac, text);
    this.#tell("device", deviceJson(stored));
  }

  #tellTimeline(happened: DeviceEntry): void {
    const bytes = this.#bytes("timeline", recentJson(this.#inspection, happened));
    for (const [listener, { timeline }] of [...this.#listeners]) if (timeline) this.#write(listener, bytes);
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
    for (const d of this.#inspection.devices())
      if (essence(d) !== this.#told.get(d.mac_address)) this.#mark(d.mac_address);
    this.#tellProblems();
    const alive = this.#encoder.encode(": alive\n\n");
    for (const listener of [...this.#listeners.keys()]) this.#write(listener, alive);
  }

  #tell(event: string, data: unknown): void {
    const bytes = this.#bytes(event, data);
    for (const listener of [...this.#listeners.keys()]) this.#write(listener, bytes);
  }

  #bytes(event: string, data: unknown): Uint8Array {
    return this.#encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #write(listener: Listener, bytes: Uint8Array): void {
    if ((listener.desiredSize ?? 0) > 0) {
      listener.enqueue(bytes);
      return;
    }
    this.#drop(listener);
    listener.error(new Error("the listener reads too slowly"));
  }
}

const essence = (stored: StoredDevice): string => {
  const { last_seen: _, ...rest } = deviceJson(stored);
  return JSON.stringify(rest);
};
