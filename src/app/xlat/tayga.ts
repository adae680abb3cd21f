/** tayga, supervised. It holds no state of its own: started anew, it goes on with what is open. When the gateway ends it runs on, so that a restart costs devices nothing. */
import { messageOf } from "../../base/errors.ts";
import { renderTayga, type TaygaSettings } from "../../plan/tayga.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Files } from "../../ports/files.ts";
import type { Kernel } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";
import type { Processes, Supervised } from "../../ports/processes.ts";
import { Steering } from "./steering.ts";
import type { Translated, Translator } from "./translator.ts";

export interface TaygaParts {
  readonly clock: Clock;
  readonly files: Files;
  readonly processes: Processes;
  readonly kernel: Pick<Kernel, "spreadReceived">;
  readonly log: Log;
  readonly runtimeDirectory: string;
  /** What is wrong with it, in a sentence; undefined: nothing. */
  readonly onTrouble: (sentence: string | undefined) => void;
}

const confFile = (runtimeDirectory: string): string => `${runtimeDirectory}/tayga.conf`;

/** Which client has which address is kept there. */
const memoryOf = (runtimeDirectory: string): string => `${runtimeDirectory}/tayga`;

/** The argument by which our instance is found again, by us or by `gateway cleanup`. */
export const taygaMarker = (runtimeDirectory: string): string => `--config=${confFile(runtimeDirectory)}`;

export class Tayga implements Translator {
  readonly name = "tayga";
  readonly #parts: TaygaParts;
  #process: Supervised | undefined;
  #running: { readonly text: string; readonly mtu: number } | undefined;
  #last = "";
  readonly #steering: Steering;
  /** One task after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: TaygaParts) {
    this.#parts = parts;
    this.#steering = new Steering(parts);
  }

  async missing(_what: Translated): Promise<string | undefined> {
    if (await this.#parts.processes.has("tayga")) return undefined;
    return "the program tayga is not installed (package tayga on Debian and OpenWrt)";
  }

  run(settings: TaygaSettings, mtu: number): Promise<void> {
    return this.#next(() => this.#run(renderTayga(settings, memoryOf(this.#parts.runtimeDirectory)), mtu));
  }

  stop(): Promise<void> {
    return this.#next(async () => {
      this.#running = undefined;
      this.#steering.stop();
      await this.#end();
      this.#parts.onTrouble(undefined);
    });
  }

  async leave(): Promise<void> {
    await this.#turn;
    this.#steering.stop();
    this.#process?.leave();
  }

  #next(task: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(task).catch((thrown: unknown) => {
      this.#running = undefined;
      this.#parts.onTrouble(`tayga, which translates for the devices, cannot run: ${messageOf(thrown)}.`);
    });
    return this.#turn;
  }

  /** What it reads at its start, the interface's MTU among it, is as wanted: it goes on. */
  async #run(text: string, mtu: number): Promise<void> {
    // The interface may have been made anew since.
    await this.#steering.write();
    if (this.#running?.text === text && this.#running.mtu === mtu) return;
    const { files, runtimeDirectory, log } = this.#parts;
    await files.makeDirectory(memoryOf(runtimeDirectory));
    await files.write(confFile(runtimeDirectory), text);
    await this.#process?.stop();
    this.#running = { text, mtu };
    this.#process = await this.#start();
    this.#steering.follow(this.#process);
    log.info("464XLAT: tayga runs", { pid: this.#process.pid });
  }

  #start(): Promise<Supervised> {
    const { processes, log, runtimeDirectory, onTrouble } = this.#parts;
    const marker = taygaMarker(runtimeDirectory);
    return processes.supervise({
      name: "tayga",
      command: "tayga",
      args: ["-d", marker],
      marker,
      onLine: (line) => {
        this.#last = line;
        log.debug(`tayga: ${line}`);
      },
      onSettled: () => onTrouble(undefined),
      onExit: (how, ms) => {
        const why = this.#last === "" ? how : `${how}: ${this.#last}`;
        const sentence = `tayga, which translates for the devices, ended (${why})`;
        log.warn(`${sentence}; started again in ${Math.round(ms / 100) / 10} s`);
        onTrouble(`${sentence}; it is started again.`);
      },
    });
  }

  async #end(): Promise<void> {
    const { processes, runtimeDirectory } = this.#parts;
    await this.#process?.stop();
    this.#process = undefined;
    await processes.end(await processes.find(taygaMarker(runtimeDirectory)));
  }
}
