/** HAProxy as the IPv6 proxy: configured, started, taken over, kept as it should be, and mended when it breaks. */
import { messageOf } from "../../base/errors.ts";
import { type Duration, millis, scale, seconds, shortest } from "../../base/time.ts";
import { type ProxyChanges, type ProxyDesired, withChanges } from "../../plan/proxy.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Files } from "../../ports/files.ts";
import type { Log } from "../../ports/log.ts";
import type { Processes } from "../../ports/processes.ts";
import type { RuntimeSockets } from "../../ports/runtime-socket.ts";
import type { ProxyBackend, ProxyStatus } from "./backend.ts";
import { HaproxyEvents } from "./haproxy-events.ts";
import { HaproxyFiles } from "./haproxy-files.ts";
import { HaproxyInstance } from "./haproxy-instance.ts";
import { HaproxyKeeper } from "./haproxy-keeper.ts";
import { Passes } from "./passes.ts";
import { Problems } from "./problems.ts";

export interface HaproxyParts {
  readonly processes: Processes;
  readonly sockets: RuntimeSockets;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly runtimeDirectory: string;
  readonly maxDevices: number;
  /** Whether connections are logged, each when it ends; for the log level debug. */
  readonly logConnections: boolean;
}

/** Changes of many devices come one by one. */
const COALESCE = millis(100);
const LOOK_AGAIN = seconds(30);
const FIRST_RETRY = millis(100);
/** Having run so long, it counts as sound. */
const SOUND_AFTER = seconds(30);
/** Servers with open connections are gone a moment after these were told to end. */
const UNFINISHED = millis(300);

export class HaproxyProxy implements ProxyBackend {
  readonly #parts: HaproxyParts;
  readonly #instance: HaproxyInstance;
  readonly #keeper: HaproxyKeeper;
  readonly #problems: Problems;
  readonly #passes: Passes;
  readonly #events: HaproxyEvents | undefined;
  #desired: ProxyDesired | undefined;
  #failures = 0;

  constructor(parts: HaproxyParts) {
    this.#parts = parts;
    this.#problems = new Problems(parts.log);
    this.#instance = new HaproxyInstance({ ...parts, onEnd: (lived) => this.#ended(lived) });
    const files = new HaproxyFiles(parts.files, parts.runtimeDirectory);
    this.#keeper = new HaproxyKeeper(parts, this.#instance, files, this.#problems);
    this.#passes = new Passes(parts.clock, () => this.#pass());
    if (parts.logConnections) this.#events = new HaproxyEvents(parts, this.#instance.socket);
  }

  /** One that an earlier run left goes on as it is until the first `update`. */
  async start(): Promise<void> {
    if (await this.#instance.adopt()) this.#parts.log.info("HAProxy of an earlier run is taken over");
    this.#events?.start();
  }

  /** The same again is no reason to look: that is done now and then anyway. */
  update(desired: ProxyDesired): void {
    const isNews = JSON.stringify(desired) !== JSON.stringify(this.#desired);
    this.#desired = desired;
    if (isNews) this.#passes.request(COALESCE);
  }

  change(devices: ProxyChanges): void {
    if (this.#desired) this.update(withChanges(this.#desired, devices));
  }

  async stop(): Promise<void> {
    this.#events?.stop();
    await this.#passes.stop();
    this.#instance.release();
  }

  status(): ProxyStatus {
    const { running } = this.#instance;
    const summary = running ? this.#summary() : "HAProxy does not run";
    return { backend: "haproxy", running, summary, problems: this.#problems.sentences };
  }

  #summary(): string {
    const { info, synced } = this.#keeper;
    const servers = [...(synced?.observed.servers.values() ?? [])];
    const down = servers.filter((server) => !server.up).length;
    const devices = `${servers.length} ${servers.length === 1 ? "device" : "devices"}`;
    const silent = down > 0 ? `, ${down} without an answer on the port that is checked` : "";
    return `HAProxy ${info?.version ?? ""}: ${devices}${silent}; connections: ${info?.connections ?? 0}`;
  }

  async #pass(): Promise<Duration> {
    if (!this.#desired) return LOOK_AGAIN;
    try {
      const done = await this.#keeper.pass(this.#desired);
      this.#problems.set("running", undefined);
      if (this.#instance.age >= SOUND_AFTER) this.#failures = 0;
      return done ? LOOK_AGAIN : UNFINISHED;
    } catch (thrown) {
      this.#problems.set("running", `Devices cannot be kept reachable by HAProxy: ${messageOf(thrown)}.`);
      return this.#backOff();
    }
  }

  #ended(lived: Duration): void {
    if (lived >= SOUND_AFTER) this.#failures = 0;
    this.#parts.log.warn("HAProxy ended and is started again", { lived_seconds: Math.round(lived / 1000) });
    this.#passes.request(this.#backOff());
  }

  #backOff(): Duration {
    return shortest(scale(FIRST_RETRY, 2 ** Math.min(this.#failures++, 20)), LOOK_AGAIN);
  }
}
