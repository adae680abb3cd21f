/** HAProxy as the IPv6 proxy: configured, started, taken over, kept as it should be, and mended when it breaks. */
import { messageOf } from "../../base/errors.ts";
import type { Mac } from "../../base/mac.ts";
import {
  between,
  type Duration,
  earliest,
  type Instant,
  millis,
  never,
  plus,
  scale,
  seconds,
  shortest,
  zero,
} from "../../base/time.ts";
import { parseUse, useQuestions } from "../../plan/haproxy-use.ts";
import type { ProxyChanges, ProxyDesired, ProxyUse } from "../../plan/proxy.ts";
import { type ProxyNews, ProxyWanted } from "../../plan/proxy-wanted.ts";
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
/** So long after the last change it is on disk too; with each whole pass anyway. */
const WRITE_LAG = seconds(5);
/** Whoever asks again within this hears the same. */
const USE_HOLDS = seconds(3);
/** Servers with open connections are gone a moment after these were told to end. */
const UNFINISHED = millis(300);

export class HaproxyProxy implements ProxyBackend {
  readonly #parts: HaproxyParts;
  readonly #instance: HaproxyInstance;
  readonly #keeper: HaproxyKeeper;
  readonly #problems: Problems;
  readonly #passes: Passes;
  readonly #events: HaproxyEvents | undefined;
  #wanted: ProxyWanted | undefined;
  /** Devices that HAProxy has not been told of. */
  readonly #changes = new Set<Mac>();
  #wholeAt: Instant = never;
  #writeAt: Instant = never;
  #failures = 0;
  #use: { readonly until: Instant; readonly answer: Promise<ProxyUse | undefined> } | undefined;

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
    const before = this.#wanted;
    this.#wanted = new ProxyWanted(desired);
    const news = before && this.#wanted.since(before);
    if (news) this.#changed(news);
    else this.#wholeAfter(COALESCE);
  }

  change(devices: ProxyChanges): void {
    if (this.#wanted) this.#changed(this.#wanted.change(devices));
  }

  #changed({ macs, contested }: ProxyNews): void {
    if (macs.length === 0) return;
    for (const mac of macs) this.#changes.add(mac);
    if (contested) this.#wholeAfter(COALESCE);
    else this.#passes.request(COALESCE);
  }

  #wholeAfter(wait: Duration): void {
    this.#wholeAt = earliest(this.#wholeAt, plus(this.#parts.clock.now(), wait));
    this.#passes.request(wait);
  }

  async stop(): Promise<void> {
    this.#events?.stop();
    await this.#passes.stop();
    if (this.#wanted && this.#writeAt !== never) await this.#keeper.write(this.#wanted.whole());
    this.#instance.release();
  }

  status(): ProxyStatus {
    const { running } = this.#instance;
    const summary = running ? this.#summary() : "HAProxy does not run";
    return { backend: "haproxy", running, summary, problems: this.#problems.sentences };
  }

  /** Asked of it once, however many want to know. */
  use(): Promise<ProxyUse | undefined> {
    const now = this.#parts.clock.now();
    if (!this.#use || this.#use.until <= now)
      this.#use = { until: plus(now, USE_HOLDS), answer: this.#askUse().catch(() => undefined) };
    return this.#use.answer;
  }

  async #askUse(): Promise<ProxyUse | undefined> {
    if (!this.#instance.running) return undefined;
    const { sockets } = this.#parts;
    return parseUse(await Promise.all(useQuestions.map((q) => sockets.ask(this.#instance.socket, q))));
  }

  #summary(): string {
    const { info, known } = this.#keeper;
    const servers = [...(known?.servers.values() ?? [])];
    const down = servers.filter((server) => !server.up).length;
    const devices = `${servers.length} ${servers.length === 1 ? "device" : "devices"}`;
    const silent = down > 0 ? `, ${down} without an answer on the port that is checked` : "";
    return `HAProxy ${info?.version ?? ""}: ${devices}${silent}; connections: ${info?.connections ?? 0}`;
  }

  async #pass(): Promise<Duration> {
    const { clock } = this.#parts;
    if (this.#wanted) await this.#work(this.#wanted);
    return between(clock.now(), earliest(this.#wholeAt, this.#writeAt));
  }

  async #work(wanted: ProxyWanted): Promise<void> {
    const now = this.#parts.clock.now();
    const changed = this.#changes.size > 0;
    if (now >= this.#wholeAt || (changed && !this.#keeper.trusted)) await this.#whole(wanted);
    else if (changed) await this.#part(wanted);
    else if (now >= this.#writeAt) await this.#write(wanted);
  }

  /** Where something does not work, perhaps it does now. */
  async #write(wanted: ProxyWanted): Promise<void> {
    if (this.#problems.sentences.length > 0) return this.#whole(wanted);
    this.#writeAt = never;
    await this.#keeper.write(wanted.whole());
  }

  async #whole(wanted: ProxyWanted): Promise<void> {
    this.#changes.clear();
    this.#wholeAt = never;
    this.#writeAt = never;
    try {
      const done = await this.#keeper.pass(wanted.whole());
      this.#problems.set("running", undefined);
      if (this.#instance.age >= SOUND_AFTER) this.#failures = 0;
      this.#wholeAfter(done ? LOOK_AGAIN : UNFINISHED);
    } catch (thrown) {
      this.#problems.set("running", `Devices cannot be kept reachable by HAProxy: ${messageOf(thrown)}.`);
      this.#wholeAfter(this.#backOff());
    }
  }

  /** Of no more than the devices that are different; whatever is not as expected is a reason to look at all. */
  async #part(wanted: ProxyWanted): Promise<void> {
    const macs = [...this.#changes];
    this.#changes.clear();
    this.#writeAt = plus(this.#parts.clock.now(), WRITE_LAG);
    const outcome = await this.#keeper.part(macs, wanted.part(macs));
    if (outcome === "doubt") this.#wholeAfter(zero);
    if (outcome !== "busy") return;
    for (const mac of macs) this.#changes.add(mac);
    this.#passes.request(UNFINISHED);
  }

  #ended(lived: Duration): void {
    if (lived >= SOUND_AFTER) this.#failures = 0;
    this.#parts.log.warn("HAProxy ended and is started again", { lived_seconds: Math.round(lived / 1000) });
    this.#keeper.trusted = false;
    this.#wholeAfter(this.#backOff());
  }

  #backOff(): Duration {
    return shortest(scale(FIRST_RETRY, 2 ** Math.min(this.#failures++, 20)), LOOK_AGAIN);
  }
}
