/** Which program or module translates (`xlat464.engine`): chosen once, and the same until the gateway ends. */
import type { Log } from "../../ports/log.ts";
import type { Translated, Translator, TranslatorSettings } from "./translator.ts";

export type EngineName = "tayga" | "jool";

export interface EngineParts {
  readonly log: Log;
  /** `xlat464.engine`. */
  readonly choice: "auto" | EngineName;
  readonly engines: Readonly<Record<EngineName, Translator>>;
}

/** tayga first: it serves IPv6 clients too. */
const order: readonly EngineName[] = ["tayga", "jool"];

export class Engine implements Translator {
  readonly #parts: EngineParts;
  #chosen: Translator | undefined;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#engine.name;
  }

  get medium(): Translator["medium"] {
    return this.#engine.medium;
  }

  /** Before anything else is asked of it. What another engine left of an earlier run ends. */
  async prepare(): Promise<void> {
    await this.#choose();
    for (const engine of Object.values(this.#parts.engines)) if (engine !== this.#engine) await engine.stop();
  }

  async missing(what: Translated): Promise<string | undefined> {
    const why = this.#chosen ? undefined : await this.#choose();
    return why ?? this.#engine.missing(what);
  }

  run(settings: TranslatorSettings, mtu: number): Promise<void> {
    return this.#engine.run(settings, mtu);
  }

  stop(): Promise<void> {
    return this.#engine.stop();
  }

  leave(): Promise<void> {
    return this.#engine.leave();
  }

  get #engine(): Translator {
    const { choice, engines } = this.#parts;
    return this.#chosen ?? engines[choice === "auto" ? "tayga" : choice];
  }

  /** @returns why there is none, of all that come into question */
  async #choose(): Promise<string | undefined> {
    const { choice, engines, log } = this.#parts;
    const reasons: string[] = [];
    for (const name of choice === "auto" ? order : [choice]) {
      const why = await engines[name].missing("devices");
      if (why === undefined) {
        this.#chosen = engines[name];
        log.debug(`464XLAT: ${name} translates where that is needed`);
        return undefined;
      }
      reasons.push(why);
    }
    return choice === "jool"
      ? `${reasons.join(", and ")}; xlat464.engine asks for Jool`
      : reasons.join(", and ");
  }
}
