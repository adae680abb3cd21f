/** Keeps devices.json in step with the registry, in few writes: flash wears. */
import { GatewayError, messageOf } from "../../base/errors.ts";
import {
  between,
  type Duration,
  earliest,
  type Instant,
  instant,
  latest,
  minutes,
  never,
  plus,
  scale,
  seconds,
  shortest,
} from "../../base/time.ts";
import { joinStateFile, parseStateFile, type ReadState } from "../../config/state-file.ts";
import type { NetworkFacts } from "../../config/state-network.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { DurableText } from "../../ports/files.ts";
import type { Log } from "../../ports/log.ts";
import { type Device, lease6Of, leaseOf } from "../devices/device.ts";
import type { Registry } from "../devices/registry.ts";
import { type Offered, statusOf } from "../devices/status.ts";
import { DeviceTexts } from "./device-texts.ts";
import { devicesRate, pauseAfter } from "./pause.ts";

export interface MemoryParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  readonly file: DurableText;
  readonly offlineAfter: Duration;
  readonly network: { readonly facts: NetworkFacts; readonly offered: Offered };
  /** Why the file is older than what is known; undefined when it is not any more. */
  readonly onUnsaved: (sentence: string | undefined) => void;
}

/** A new address, or a device that came or went: a crash must not lose it. */
const soon = seconds(1);
/** A renewal: at the latest after this, and long before the stored expiry would have passed. */
const renewalLag = seconds(30);
/** When a device was last seen is worth a write of its own only now and then. */
const seenLag = minutes(10);
const retryAfter = seconds(10);

export class Memory {
  readonly #parts: MemoryParts;
  readonly #texts = new DeviceTexts();
  #due: Instant = never;
  #notBefore: Instant = instant(0);
  #timer: Cancel | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failure = "";
  #stopped = false;

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
      // While a write is due as soon as one may be, how much a change matters is not asked.
      if (this.#dueAfter(soon) >= this.#due) return;
      const lag = urgency(kept(now), kept(was), this.#parts.clock.now());
      if (lag !== undefined) this.#schedule(lag);
    });
  }

  /** Something that time alone changed is worth a write soon. */
  touch(): void {
    this.#schedule(soon);
  }

  /** Writes what is outstanding, if it can be: nobody is left to try again. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.();
    if (this.#due !== never) await this.#save();
    await this.#writing;
  }

  #schedule(lag: Duration): void {
    const due = this.#dueAfter(lag);
    if (this.#stopped || due >= this.#due) return;
    this.#timer?.();
    this.#due = due;
    this.#timer = this.#parts.clock.at(due, () => void this.#save());
  }

  #dueAfter(lag: Duration): Instant {
    return latest(plus(this.#parts.clock.now(), lag), this.#notBefore);
  }

  #save(): Promise<void> {
    this.#due = never;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const { registry, clock, file, offlineAfter, network } = this.#parts;
    const moment = { now: clock.now(), wall: clock.wall() };
    const devices = registry
      .all()
      .filter(kept)
      .map((device) => [device, statusOf(device, moment.now, offlineAfter)] as const);
    const lines = this.#texts.render(devices, moment, network.offered);
    const bytes = joinStateFile(moment.wall, network.facts, lines);
    this.#notBefore = plus(moment.now, pauseAfter(bytes, devicesRate));
    try {
      await file.save(bytes);
      this.#saved();
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  #saved(): void {
    if (this.#failure === "") return;
    this.#failure = "";
    this.#parts.log.info("devices.json is written again");
    this.#parts.onUnsaved(undefined);
  }

  #failed(thrown: unknown): void {
    const hint = thrown instanceof GatewayError && thrown.hint !== undefined ? `; ${thrown.hint}` : "";
    const message = `${messageOf(thrown)}${hint}`;
    this.#schedule(retryAfter);
    if (message === this.#failure) return;
    this.#failure = message;
    this.#parts.log.error(message);
    this.#parts.onUnsaved(
      `${message}. What is new since then is not shown here, and lost if the gateway stops.`,
    );
  }
}

/** Whoever invents MACs must not wear our flash. */
const kept = (device: Device | undefined): Device | undefined =>
  device?.stage.tag === "refused" ? undefined : device;

/** What of a device must not be lost, and whatever else makes its status and reason, but for the number of an attempt; as text. */
const weighty = (d: Device): string =>
  JSON.stringify([
    ...[leaseOf(d)?.address, lease6Of(d)?.addresses.map((a) => a.address)],
    ...d.ipv6.addresses.map((a) => [a.ip, a.state === "duplicate"]),
    ...[d.lanIp, d.stage.tag, outcome(d.ipv4.dhcp), outcome(d.ipv6.dhcp)],
    ...[d.ipv4.installed, d.ipv6.installed, d.ipv6.silentRouter, d.nat64],
  ]);

const outcome = (dhcp: Device["ipv4" | "ipv6"]["dhcp"]): readonly string[] =>
  dhcp.tag === "failed" ? [dhcp.tag, dhcp.reason] : [dhcp.tag];

/** How long a change may wait on the way to the disk; undefined when it need not go there. */
function urgency(now: Device | undefined, was: Device | undefined, at: Instant): Duration | undefined {
  if (!now && !was) return undefined;
  if (!now || !was) return soon;
  const isAsBefore =
    now.lanIp === was.lanIp &&
    now.stage === was.stage &&
    now.ipv4 === was.ipv4 &&
    now.ipv6 === was.ipv6 &&
    now.nat64 === was.nat64;
  if (!isAsBefore && weighty(now) !== weighty(was)) return soon;
  if (now.fingerprint !== was.fingerprint || now.hostname !== was.hostname) return soon;
  if (leaseOf(now) !== leaseOf(was) || lease6Of(now) !== lease6Of(was))
    return shortest(renewalLag, scale(between(at, firstEnd(now)), 1 / 4));
  return now.lastSeen === was.lastSeen ? undefined : seenLag;
}

/** When the first of its leases ends. */
const firstEnd = (device: Device): Instant =>
  earliest(
    leaseOf(device)?.expiresAt ?? never,
    ...(lease6Of(device)?.addresses.map((a) => a.validUntil) ?? []),
  );
