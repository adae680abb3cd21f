/** The forwards that people asked for, as they stand in their file now. */
import { type ManualForward, parseForwardsFile } from "../../config/forwards-file.ts";
import type { Files } from "../../ports/files.ts";
import type { Log } from "../../ports/log.ts";

export interface ManualForwardsParts {
  readonly files: Files;
  readonly log: Log;
  /** `state.directory`. */
  readonly directory: string;
  readonly onChange: () => void;
  /** The file cannot be used; undefined: it can. */
  readonly onTrouble: (sentence: string | undefined) => void;
}

export const forwardsFile = (stateDirectory: string): string => `${stateDirectory}/forwards.json`;

export class ManualForwards {
  readonly #parts: ManualForwardsParts;
  #list: readonly ManualForward[] = [];
  #unwatch: (() => void) | undefined;

  constructor(parts: ManualForwardsParts) {
    this.#parts = parts;
  }

  get list(): readonly ManualForward[] {
    return this.#list;
  }

  async start(): Promise<void> {
    const path = forwardsFile(this.#parts.directory);
    await this.#read(path);
    this.#unwatch = this.#parts.files.watch(path, () => void this.#read(path));
  }

  stop(): void {
    this.#unwatch?.();
  }

  /** A file that cannot be used leaves the last one in force. */
  async #read(path: string): Promise<void> {
    const { files, log, onChange, onTrouble } = this.#parts;
    const text = await files.read(path);
    const parsed = parseForwardsFile(text ?? '{"version":1,"forwards":[]}');
    if (!parsed.ok) {
      const sentence = `${path} cannot be used, what was in force stays: ${parsed.error}`;
      log.warn(sentence);
      onTrouble(sentence);
      return;
    }
    onTrouble(undefined);
    if (JSON.stringify(parsed.value) === JSON.stringify(this.#list)) return;
    this.#list = parsed.value;
    const texts = this.#list.map((f) => `${f.protocol}/${f.port} to ${f.address}:${f.target}`);
    log.info(`Manual forwards: ${texts.join(", ") || "none"}`);
    onChange();
  }
}
