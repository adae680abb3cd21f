/** Shows refused MACs to `gateway devices`, in a file of the runtime directory: whoever invents MACs must not wear our flash. */
import { messageOf } from "../../base/errors.ts";
import { isMulticastMac, zeroMac } from "../../base/mac.ts";
import { type Instant, instant, latest, plus, seconds } from "../../base/time.ts";
import { joinStateFile } from "../../config/state-file.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Files } from "../../ports/files.ts";
import type { Log } from "../../ports/log.ts";
import type { Device } from "../devices/device.ts";
import type { Registry } from "../devices/registry.ts";
import { DeviceTexts } from "./device-texts.ts";
import { pauseAfter } from "./pause.ts";

export interface RefusalsParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  readonly files: Files;
  readonly directory: string;
}

/** The file beside the other runtime files; its form is that of devices.json. */
export const refusalsFile = (runtimeDirectory: string): string => `${runtimeDirectory}/refused.json`;

const lag = seconds(1);

export class Refusals {
  readonly #parts: RefusalsParts;
  readonly #texts = new DeviceTexts();
  #notBefore: Instant = instant(0);
  #timer: Cancel | undefined;

  constructor(parts: RefusalsParts) {
    this.#parts = parts;
  }

  /** Begins with a fresh file: what an earlier run refused may be allowed now. */
  async start(): Promise<void> {
    await this.#write();
    this.#parts.registry.listen((now, was) => {
      const concerns = now?.stage.tag === "refused" || was?.stage.tag === "refused";
      if (concerns && now?.stage !== was?.stage) this.#schedule();
    });
  }

  async stop(): Promise<void> {
    this.#timer?.();
    const { files, log, directory } = this.#parts;
    const file = refusalsFile(directory);
    await files.remove(file).catch((thrown) => log.warn(`${file} stays: ${messageOf(thrown)}`));
  }

  #schedule(): void {
    const { clock } = this.#parts;
    this.#timer ??= clock.at(latest(plus(clock.now(), lag), this.#notBefore), () => {
      this.#timer = undefined;
      void this.#write();
    });
  }

  async #write(): Promise<void> {
    const { registry, clock, log, files, directory } = this.#parts;
    const moment = { now: clock.now(), wall: clock.wall() };
    const refused = registry
      .all()
      .filter(isShown)
      .map((device) => [device, "failed"] as const);
    const bytes = joinStateFile(moment.wall, null, this.#texts.render(refused, moment));
    this.#notBefore = plus(moment.now, pauseAfter(bytes));
    try {
      await files.makeDirectory(directory);
      await files.write(refusalsFile(directory), bytes);
    } catch (thrown) {
      log.warn(`refused devices cannot be shown: ${messageOf(thrown)}`);
    }
  }
}

const isShown = ({ mac, stage }: Device): boolean =>
  stage.tag === "refused" && !isMulticastMac(mac) && mac !== zeroMac;
