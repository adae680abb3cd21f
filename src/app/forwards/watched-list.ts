/** What people decided about LAN addresses, as one of their files says it now. */
import type { Interface4 } from "../../base/cidr4.ts";
import { messageOf } from "../../base/errors.ts";
import type { Ip4 } from "../../base/ip4.ts";
import { invalid, type Parsed } from "../../base/parsed.ts";
import { refuseAddress } from "../../config/forwards-file.ts";
import type { Files } from "../../ports/files.ts";
import type { Log } from "../../ports/log.ts";

export interface WatchedListParts {
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

/** What differs from file to file. */
export interface ListKind<T> {
  readonly path: string;
  /** The text of a file that is not there. */
  readonly nothing: string;
  readonly parse: (text: string) => Parsed<readonly T[]>;
  /** What holds while no file could be used yet, as "it opens no device". */
  readonly without: string;
  /** What is in force, for the log. */
  readonly tell: (list: readonly T[]) => string;
  /** Behind the file's path: what becomes of one whose address is refused, before the reason. */
  readonly refused: (one: T) => string;
}

export class WatchedList<T extends { readonly address: Ip4 }> {
  readonly #parts: WatchedListParts;
  readonly #kind: ListKind<T>;
  #list: readonly T[] = [];
  #unwatch: (() => void) | undefined;

  constructor(parts: WatchedListParts, kind: ListKind<T>) {
    this.#parts = parts;
    this.#kind = kind;
  }

  /** What is in force. */
  get list(): readonly T[] {
    return this.#list;
  }

  async start(): Promise<void> {
    await this.#read();
    this.#unwatch = this.#parts.files.watch(this.#kind.path, () => void this.#read());
  }

  stop(): void {
    this.#unwatch?.();
  }

  /** A file that cannot be used leaves the last one in force, and is not touched: whoever wrote it mends it. */
  async #read(): Promise<void> {
    const { log, onChange, onTrouble } = this.#parts;
    const { path, without, tell } = this.#kind;
    const parsed = await this.#parse();
    if (!parsed.ok) {
      const left = this.#list.length === 0 ? without : "what was in force stays";
      const sentence = `${path} cannot be used, ${left}: ${parsed.error}`;
      log.warn(sentence);
      onTrouble(sentence);
      return;
    }
    const list = this.#onLan(parsed.value);
    if (JSON.stringify(list) === JSON.stringify(this.#list)) return;
    this.#list = list;
    log.info(tell(list));
    onChange();
  }

  async #parse(): Promise<Parsed<readonly T[]>> {
    const { path, parse, nothing } = this.#kind;
    try {
      return parse((await this.#parts.files.read(path)) ?? nothing);
    } catch (thrown) {
      return invalid(messageOf(thrown));
    }
  }

  /** The LAN may have become another one, and people edit files. */
  #onLan(all: readonly T[]): readonly T[] {
    const { lan, log, onTrouble } = this.#parts;
    const { path, refused } = this.#kind;
    const reasons = new Map(all.map((one) => [one, refuseAddress(one.address, lan)] as const));
    const sentences = [...reasons].flatMap(([one, why]) =>
      why === undefined ? [] : `${path}${refused(one)}: ${why}`,
    );
    for (const sentence of sentences) log.warn(sentence);
    onTrouble(sentences[0]);
    return all.filter((one) => reasons.get(one) === undefined);
  }
}
