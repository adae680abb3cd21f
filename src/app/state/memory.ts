/** Keeps devices.json in step with the registry, in few writes: flash wears. */
import { messageOf } from "../../base/errors.ts";
import type { Mac } from "../../base/mac.ts";
import {
  type Duration,
  type Instant,
  minutes,
  never,
  plus,
  scale,
  seconds,
  shortest,
} from "../../base/time.ts";
import type { StoredDevice } from "../../config/state-device.ts";
import { parseStateFile, type ReadState, renderStateFile } from "../../config/state-file.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { DurableText } from "../../ports/files.ts";
import type { Log } from "../../ports/log.ts";
import { type Device, leaseOf, statusOf } from "../devices/device.ts";
import type { Registry } from "../devices/registry.ts";
import { storeDevice } from "./stored-device.ts";

export interface MemoryParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  readonly file: DurableText;
  readonly offlineAfter: Duration;
}

/** A new address, or a device that came or went: a crash must not lose it. */
const soon = seconds(1);
/** A renewal: at the latest after this, and long before the stored expiry would have passed. */
const renewalLag = seconds(30);
/** When a device was last seen is worth a write of its own only now and then. */
const seenLag = minutes(10);
const retryAfter = seconds(30);

export class Memory {
  readonly #parts: MemoryParts;
  #due: Instant = never;
  #timer: Cancel | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failure = "";

  constructor(parts: MemoryParts) {
    this.#parts = parts;
  }

  /** What an earlier run left; says what was damaged. Call before `start`. */
  async load(): Promise<ReadState | undefined> {
    const { file, log } = this.#parts;
    let read: ReadState | undefined;
    const { problems } = await file.load((text) => {
      const parsed = parseStateFile(text);
      if (!parsed.ok) return parsed.error;
      read = parsed.value;
      return undefined;
    });
    for (const problem of problems) log.warn(problem);
    if (problems.length > 0) this.touch();
    for (const note of read?.notes ?? []) log.warn(note);
    if (read && read.origin !== "gateway") log.info(`state imported from the ${read.origin} of the original`);
    return read;
  }

  start(): void {
    this.#parts.registry.listen((now, was) => {
      const lag = urgency(kept(now), kept(was), this.#parts.clock.now());
      if (lag !== undefined) this.#schedule(lag);
    });
  }

  /** Something that time alone changed is worth a write soon. */
  touch(): void {
    this.#schedule(soon);
  }

  /** Writes what is outstanding. */
  async stop(): Promise<void> {
    this.#timer?.();
    if (this.#due !== never) await this.#save();
    await this.#writing;
  }

  #schedule(lag: Duration): void {
    const due = plus(this.#parts.clock.now(), lag);
    if (due >= this.#due) return;
    this.#timer?.();
    this.#due = due;
    this.#timer = this.#parts.clock.at(due, () => void this.#save());
  }

  #save(): Promise<void> {
    this.#due = never;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const { registry, clock, file, log, offlineAfter } = this.#parts;
    const moment = { now: clock.now(), wall: clock.wall() };
    const devices = new Map<Mac, StoredDevice>();
    for (const device of registry.all()) {
      if (!kept(device)) continue;
      devices.set(device.mac, storeDevice(device, statusOf(device, moment.now, offlineAfter), moment));
    }
    try {
      await file.save(renderStateFile({ writtenAt: moment.wall, devices }));
      this.#failure = "";
    } catch (thrown) {
      const message = messageOf(thrown);
      if (message !== this.#failure) log.error(`devices.json cannot be written: ${message}`);
      this.#failure = message;
      this.#schedule(retryAfter);
    }
  }
}

/** Whoever invents MACs must not wear our flash. */
const kept = (device: Device | undefined): Device | undefined =>
  device?.stage.tag === "refused" ? undefined : device;

const isInstalled = ({ stage }: Device): boolean => stage.tag === "leased" && stage.installed;

/** How long a change may wait on the way to the disk; undefined when it need not go there. */
function urgency(now: Device | undefined, was: Device | undefined, at: Instant): Duration | undefined {
  if (!now && !was) return undefined;
  if (!now || !was) return soon;
  const lease = leaseOf(now);
  const before = leaseOf(was);
  if (lease?.address !== before?.address || now.lanIp !== was.lanIp || now.stage.tag !== was.stage.tag)
    return soon;
  if (now.fingerprint !== was.fingerprint || now.hostname !== was.hostname) return soon;
  if (isInstalled(now) !== isInstalled(was)) return soon;
  if (lease && lease !== before)
    return shortest(renewalLag, scale((lease.expiresAt - at) as Duration, 1 / 4));
  return now.lastSeen === was.lastSeen ? undefined : seenLag;
}
