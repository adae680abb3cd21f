/** Shows refused MACs to `gateway devices`, in a file of the runtime directory: whoever invents MACs must not wear our flash. */
import { messageOf } from "../../base/errors.ts";
import { isMulticastMac, type Mac, zeroMac } from "../../base/mac.ts";
import { seconds } from "../../base/time.ts";
import type { StoredDevice } from "../../config/state-device.ts";
import { renderStateFile } from "../../config/state-file.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Files } from "../../ports/files.ts";
import type { Log } from "../../ports/log.ts";
import type { Device } from "../devices/device.ts";
import type { Registry } from "../devices/registry.ts";
import { storeDevice } from "./stored-device.ts";

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
    this.#timer ??= this.#parts.clock.after(lag, () => {
      this.#timer = undefined;
      void this.#write();
    });
  }

  async #write(): Promise<void> {
    const { registry, clock, log, files, directory } = this.#parts;
    const moment = { now: clock.now(), wall: clock.wall() };
    const refused = registry.all().filter(isShown);
    const devices = new Map<Mac, StoredDevice>(refused.map((d) => [d.mac, storeDevice(d, "failed", moment)]));
    try {
      await files.makeDirectory(directory);
      await files.write(
        refusalsFile(directory),
        renderStateFile({ writtenAt: moment.wall, network: null, devices }),
      );
    } catch (thrown) {
      log.warn(`refused devices cannot be shown: ${messageOf(thrown)}`);
    }
  }
}

const isShown = ({ mac, stage }: Device): boolean =>
  stage.tag === "refused" && !isMulticastMac(mac) && mac !== zeroMac;
