/** What does not work at present, told in the log when it begins and when it is over. */
import type { Log } from "../../ports/log.ts";

export class Problems {
  readonly #sentences = new Map<string, string>();

  constructor(private readonly log: Log) {}

  get sentences(): readonly string[] {
    return [...this.#sentences.values()];
  }

  /** The sentence that holds for `key`, or undefined when all is well there. */
  set(key: string, sentence: string | undefined): void {
    const before = this.#sentences.get(key);
    if (before === sentence) return;
    if (sentence === undefined) {
      this.#sentences.delete(key);
      this.log.info(`Over: ${before}`);
    } else {
      this.#sentences.set(key, sentence);
      this.log.warn(sentence);
    }
  }

  /** The same for all keys that begin with `prefix`: what is not named is over. */
  setAll(prefix: string, sentences: ReadonlyMap<string, string>): void {
    for (const key of [...this.#sentences.keys()])
      if (key.startsWith(prefix) && !sentences.has(key)) this.set(key, undefined);
    for (const [key, sentence] of sentences) this.set(key, sentence);
  }
}
