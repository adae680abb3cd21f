/** Tells `gateway status` what neither the kernel nor devices.json shows: in a file of the runtime directory, a sentence a line. */
import { messageOf } from "../../base/errors.ts";
import type { Files } from "../../ports/files.ts";
import type { Log } from "../../ports/log.ts";

export interface TroublesParts {
  readonly files: Files;
  readonly log: Log;
  /** `state.runtime_directory`. */
  readonly directory: string;
}

/** The things that may be wrong. */
export const troubles = [
  "wan-quiet",
  "port-limit",
  "port-shut",
  "state-unsaved",
  "own-way",
  "forwards-file",
  "inbound-file",
  "inbound",
  "inbound-clients",
  "api",
  "hooks",
  "proxy",
  "xlat464",
  "translator",
] as const;
export type Trouble = (typeof troubles)[number];

export const troublesFile = (runtimeDirectory: string): string => `${runtimeDirectory}/troubles.txt`;

/** The sentences in the text of that file. */
export const parseTroubles = (text: string | undefined): readonly string[] =>
  (text ?? "").split("\n").filter((line) => line !== "");

export class Troubles {
  readonly #parts: TroublesParts;
  readonly #sentences = new Map<Trouble, readonly string[]>();
  #writing: Promise<void> = Promise.resolve();
  /** Why the file is not as it should be. */
  #failure = "";

  constructor(parts: TroublesParts) {
    this.#parts = parts;
  }

  /** What is wrong now. */
  get kinds(): ReadonlySet<Trouble> {
    return new Set(this.#sentences.keys());
  }

  get sentences(): readonly string[] {
    return [...this.#sentences.values()].flat();
  }

  /** Forgets what an earlier run found wrong. */
  async start(): Promise<void> {
    this.#save();
    await this.#writing;
  }

  /** What is wrong from now on; undefined: it is mended. Told again, what could not be written is tried again. */
  tell(trouble: Trouble, sentence: string | undefined): void {
    this.tellAll(trouble, sentence === undefined ? [] : [sentence]);
  }

  /** The same of something that may be wrong in several ways. */
  tellAll(trouble: Trouble, sentences: readonly string[]): void {
    const same = JSON.stringify(this.#sentences.get(trouble) ?? []) === JSON.stringify(sentences);
    if (same && this.#failure === "") return;
    if (sentences.length === 0) this.#sentences.delete(trouble);
    else this.#sentences.set(trouble, sentences);
    this.#save();
  }

  /** Nothing is wrong with what does not run. */
  async stop(): Promise<void> {
    this.#sentences.clear();
    this.#save();
    await this.#writing;
  }

  #save(): void {
    this.#writing = this.#writing.then(() => this.#write());
  }

  async #write(): Promise<void> {
    const { files, directory } = this.#parts;
    const text = this.sentences.map((sentence) => `${sentence.replaceAll("\n", " ")}\n`).join("");
    try {
      if (text === "") await files.remove(troublesFile(directory));
      else {
        await files.makeDirectory(directory);
        await files.write(troublesFile(directory), text);
      }
      this.#failure = "";
    } catch (thrown) {
      this.#failed(messageOf(thrown));
    }
  }

  #failed(message: string): void {
    if (message === this.#failure) return;
    this.#failure = message;
    this.#parts.log.warn(`status cannot show what is wrong: ${message}`);
  }
}
