/** The forwards that people asked for, as they stand in their file now. */
import type { Interface4 } from "../../base/cidr4.ts";
import { messageOf } from "../../base/errors.ts";
import { invalid, type Parsed } from "../../base/parsed.ts";
import { type ManualForward, nameOf, parseForwardsFile, refuseAddress } from "../../config/forwards-file.ts";
import type { Files } from "../../ports/files.ts";
import type { Log } from "../../ports/log.ts";

export interface ManualForwardsParts {
  readonly files: Files;
  readonly log: Log;
  /** `state.directory`. */
  readonly directory: string;
  /** The gateway's own address in its network. */
  readonly lan: Interface4;
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

  /** A file that cannot be used leaves the last one in force, and is not touched: whoever wrote it mends it. */
  async #read(path: string): Promise<void> {
    const { log, onChange, onTrouble } = this.#parts;
    const parsed = await this.#parse(path);
    if (!parsed.ok) {
      const left = this.#list.length === 0 ? "no manual forward is in force" : "what was in force stays";
      const sentence = `${path} cannot be used, ${left}: ${parsed.error}`;
      log.warn(sentence);
      onTrouble(sentence);
      return;
    }
    const list = this.#onLan(path, parsed.value);
    if (JSON.stringify(list) === JSON.stringify(this.#list)) return;
    this.#list = list;
    const texts = this.#list.map((f) => `${f.protocol}/${f.port} to ${f.address}:${f.target}`);
    log.info(`Manual forwards: ${texts.join(", ") || "none"}`);
    onChange();
  }

  async #parse(path: string): Promise<Parsed<readonly ManualForward[]>> {
    try {
      const text = await this.#parts.files.read(path);
      return parseForwardsFile(text ?? '{"version":1,"forwards":[]}');
    } catch (thrown) {
      return invalid(messageOf(thrown));
    }
  }

  /** The LAN may have become another one, and people edit files. */
  #onLan(path: string, all: readonly ManualForward[]): readonly ManualForward[] {
    const { lan, log, onTrouble } = this.#parts;
    const refused = all.flatMap((f) => {
      const why = refuseAddress(f.address, lan);
      return why === undefined ? [] : [{ forward: f, why }];
    });
    const sentences = refused.map(({ forward, why }) => `${path}: ${nameOf(forward)} leads nowhere: ${why}`);
    for (const sentence of sentences) log.warn(sentence);
    onTrouble(sentences[0]);
    return all.filter((f) => !refused.some(({ forward }) => forward === f));
  }
}
