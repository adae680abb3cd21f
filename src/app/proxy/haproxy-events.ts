/** What HAProxy notes in its ring (`show events`), handed to our log. The ring holds the last 256 KB; what is older is lost. */
import { type Duration, seconds } from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { RuntimeSockets } from "../../ports/runtime-socket.ts";

export interface HaproxyEventsParts {
  readonly sockets: RuntimeSockets;
  readonly clock: Clock;
  readonly log: Log;
}

const EVERY: Duration = seconds(2);

export class HaproxyEvents {
  #last = "";
  #cancel: Cancel | undefined;
  #stopped = false;

  constructor(
    private readonly parts: HaproxyEventsParts,
    private readonly socket: string,
  ) {}

  start(): void {
    if (this.#stopped) return;
    this.#cancel = this.parts.clock.after(EVERY, () => void this.#look().finally(() => this.start()));
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  async #look(): Promise<void> {
    const dump = await this.parts.sockets.ask(this.socket, "show events gateway").catch(() => "");
    const lines = dump.split("\n").filter((line) => line !== "");
    // Lines begin with the time in microseconds, so none comes twice; another worker begins another ring.
    const fresh = lines.slice(lines.lastIndexOf(this.#last) + 1);
    this.#last = lines.at(-1) ?? this.#last;
    for (const line of fresh) this.#tell(line.replace(/^\S+ /, ""));
  }

  #tell(text: string): void {
    const { log } = this.parts;
    if (text.startsWith("client=")) {
      const pairs = text.split(" ").map((pair) => pair.split("="));
      log.debug("IPv6 connection ended", Object.fromEntries(pairs));
    } else log.debug(`HAProxy: ${text}`);
  }
}
