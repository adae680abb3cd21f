/** Which devices are open as a whole, as their file says now. */
import type { Interface4 } from "../../base/cidr4.ts";
import { messageOf } from "../../base/errors.ts";
import type { Ip4 } from "../../base/ip4.ts";
import { invalid, type Parsed } from "../../base/parsed.ts";
import { refuseAddress } from "../../config/forwards-file.ts";
import { type Inbound, type InboundChoice, openTo, parseInboundFile } from "../../config/inbound-file.ts";
import type { Files } from "../../ports/files.ts";
import type { Log } from "../../ports/log.ts";

export interface InboundChoicesParts {
  readonly files: Files;
  readonly log: Log;
  /** `state.directory`. */
  readonly directory: string;
  /** The gateway's own address in its network. */
  readonly lan: Interface4;
  /** `forwards.inbound`. */
  readonly fallback: Inbound;
  readonly onChange: () => void;
  /** The file cannot be used; undefined: it can. */
  readonly onTrouble: (sentence: string | undefined) => void;
}

export const inboundFile = (stateDirectory: string): string => `${stateDirectory}/inbound.json`;

export class InboundChoices {
  readonly #parts: InboundChoicesParts;
  #list: readonly InboundChoice[] = [];
  #unwatch: (() => void) | undefined;

  constructor(parts: InboundChoicesParts) {
    this.#parts = parts;
  }

  /** What was decided about single devices, and is in force. */
  get list(): readonly InboundChoice[] {
    return this.#list;
  }

  /** The networks that every port of the device is open to; none: only listed ports lead to it. */
  openTo(address: Ip4): readonly string[] {
    return openTo(this.#list, address, this.#parts.fallback);
  }

  async start(): Promise<void> {
    const path = inboundFile(this.#parts.directory);
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
      const left = this.#list.length === 0 ? "it opens no device" : "what was in force stays";
      const sentence = `${path} cannot be used, ${left}: ${parsed.error}`;
      log.warn(sentence);
      onTrouble(sentence);
      return;
    }
    const list = this.#onLan(path, parsed.value);
    if (JSON.stringify(list) === JSON.stringify(this.#list)) return;
    this.#list = list;
    log.info(`Devices open as a whole: ${list.flatMap(wordsOf).join(", ") || "none"}`);
    onChange();
  }

  async #parse(path: string): Promise<Parsed<readonly InboundChoice[]>> {
    try {
      const text = await this.#parts.files.read(path);
      return parseInboundFile(text ?? '{"version":1,"devices":[]}');
    } catch (thrown) {
      return invalid(messageOf(thrown));
    }
  }

  /** The LAN may have become another one, and people edit files. */
  #onLan(path: string, all: readonly InboundChoice[]): readonly InboundChoice[] {
    const { lan, log, onTrouble } = this.#parts;
    const refused = new Map(
      all.flatMap((one) => {
        const why = refuseAddress(one.address, lan);
        return why === undefined ? [] : [[one, why] as const];
      }),
    );
    const sentences = [...refused.values()].map((why) => `${path} opens nothing there: ${why}`);
    for (const sentence of sentences) log.warn(sentence);
    onTrouble(sentences[0]);
    return all.filter((one) => !refused.has(one));
  }
}

const wordsOf = ({ address, inbound, from }: InboundChoice): string[] =>
  inbound === "ports" ? [] : [from.length === 0 ? address : `${address} (from ${from.join(", ")})`];
