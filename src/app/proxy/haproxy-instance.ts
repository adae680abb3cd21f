/**
 * The process: a master and its workers, which outlive us. Each run takes over what an earlier one left, so that no connection breaks when the gateway
 * itself is restarted.
 */
import { GatewayError } from "../../base/errors.ts";
import { between, type Duration, type Instant, millis, plus, seconds } from "../../base/time.ts";
import { haproxyFiles, haproxyMarker } from "../../plan/haproxy-names.ts";
import { type HaproxyInfo, parseInfo, parseMaster } from "../../plan/haproxy-observed.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Processes } from "../../ports/processes.ts";
import type { RuntimeSockets } from "../../ports/runtime-socket.ts";

export interface HaproxyInstanceParts {
  readonly processes: Processes;
  readonly sockets: RuntimeSockets;
  readonly clock: Clock;
  readonly runtimeDirectory: string;
  /** It ended by itself after so long. */
  readonly onEnd: (lived: Duration) => void;
}

const PATIENCE = seconds(5);
const LOOK_EVERY = millis(50);

export class HaproxyInstance {
  readonly #parts: HaproxyInstanceParts;
  #unwatch: (() => void) | undefined;
  #since: Instant | undefined;

  constructor(parts: HaproxyInstanceParts) {
    this.#parts = parts;
  }

  get running(): boolean {
    return this.#unwatch !== undefined;
  }

  get socket(): string {
    return `${this.#parts.runtimeDirectory}/${haproxyFiles.socket}`;
  }
  get #masterSocket(): string {
    return `${this.#parts.runtimeDirectory}/${haproxyFiles.masterSocket}`;
  }
  get #marker(): string {
    return haproxyMarker(this.#parts.runtimeDirectory);
  }

  pids(): Promise<readonly number[]> {
    return this.#parts.processes.find(this.#marker);
  }

  /** Whether there is one that runs and answers; from then on its end is told. */
  async adopt(): Promise<boolean> {
    const { sockets, processes, clock } = this.#parts;
    const answer = await sockets.ask(this.#masterSocket, "show proc").catch(() => "");
    const pid = parseMaster(answer);
    if (pid === undefined || !(await this.pids()).includes(pid)) return false;
    const since = clock.now();
    this.#since = since;
    this.#unwatch = processes.watch(pid, () => {
      this.#unwatch = undefined;
      this.#parts.onEnd(between(since, clock.now()));
    });
    return true;
  }

  /** Starts it with the configuration on disk; processes without a master hand over to it. Errors: GatewayError "haproxy-start". */
  async start(): Promise<void> {
    const { processes, runtimeDirectory } = this.#parts;
    const old = await this.pids();
    const sockets = old.length > 0 && (await this.info()) ? ["-x", haproxyFiles.socket] : [];
    const master = `unix@${haproxyFiles.masterSocket},mode,600,level,admin`;
    const args = ["-W", "-D", "-S", master, "-f", this.#marker, ...sockets];
    const stop = old.length > 0 ? ["-sf", ...old.map(String)] : [];
    const { code, output } = await processes.run("haproxy", [...args, ...stop], runtimeDirectory);
    if (code !== 0) throw new GatewayError("haproxy-start", "operator", complaint(output, code));
    await this.#until("it starts and does not answer", () => this.adopt());
  }

  /** Has it read the configuration on disk, and waits until it says `description` of itself. Errors: GatewayError "haproxy-reload". */
  async reload(description: string): Promise<void> {
    const answer = await this.#parts.sockets.ask(this.#masterSocket, "reload");
    // From 2.7 on the answer comes when it is done.
    if (answer.startsWith("Success=0"))
      throw new GatewayError("haproxy-reload", "operator", complaint(answer, 1));
    const isNew = async (): Promise<boolean> => (await this.info())?.description === description;
    await this.#until("it did not take its new configuration", isNew);
  }

  async #until(otherwise: string, done: () => Promise<boolean>): Promise<void> {
    const { clock } = this.#parts;
    const end = plus(clock.now(), PATIENCE);
    do {
      if (await done()) return;
      await clock.sleep(LOOK_EVERY);
    } while (clock.now() < end);
    throw new GatewayError("haproxy-silent", "kernel", otherwise);
  }

  /** Undefined while it does not answer. */
  async info(): Promise<HaproxyInfo | undefined> {
    const answer = await this.#parts.sockets.ask(this.socket, "show info").catch(() => undefined);
    return answer === undefined ? undefined : parseInfo(answer);
  }

  /** For how long it has been ours. */
  get age(): Duration {
    return this.#since === undefined ? millis(0) : between(this.#since, this.#parts.clock.now());
  }

  /** Leaves it to itself. */
  release(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }
}

/** What it printed as errors, without its decoration. */
export function complaint(output: string, code: number): string {
  const alerts = output.split("\n").filter((line) => line.startsWith("[ALERT]"));
  const text = alerts
    .map((line) => line.replace(/^\[ALERT\]\s*\(\d+\) : (config : )?/, "").trim())
    .join("; ");
  return text === "" ? `exit code ${code}` : text.slice(0, 600);
}
