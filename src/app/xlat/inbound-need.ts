/** Whether the translator is needed for IPv6 clients of devices that are open as a whole, and can serve them. */
import { formatCidr4 } from "../../base/cidr4.ts";
import { type Instant, instant, plus } from "../../base/time.ts";
import type { Config } from "../../config/schema.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { type Device, reachable6 } from "../devices/device.ts";
import type { Registry } from "../devices/registry.ts";
import { adoption } from "./patience.ts";
import type { Translator } from "./translator.ts";

export interface InboundNeedParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: Registry;
  readonly translator: Translator;
  /** Whether IPv6 clients are to reach the device as a whole. */
  readonly isOpen6: (device: Device) => boolean;
  /** Whether there may be such devices at all. */
  readonly opensAny: () => boolean;
  /** What is missing for it, in a sentence; undefined: nothing. */
  readonly onMissing: (sentence: string | undefined) => void;
}

export class InboundNeed {
  readonly #parts: InboundNeedParts;
  readonly #onChange: (isOn: boolean) => void;
  #isOn = false;
  #stopped = false;
  /** What an earlier run served goes on until then. */
  #keptUntil: Instant = instant(0);
  #missing: string | undefined;

  /** @param onChange clients are served from now on, or no more */
  constructor(parts: InboundNeedParts, onChange: (isOn: boolean) => void) {
    this.#parts = parts;
    this.#onChange = onChange;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** An earlier run served clients. */
  adopt(): void {
    this.#isOn = true;
    this.#keptUntil = plus(this.#parts.clock.now(), adoption);
  }

  /** Devices, or what is open, may be different. */
  async look(): Promise<void> {
    const { registry, clock, isOpen6, opensAny, translator, log, config } = this.#parts;
    const isReached = (device: Device): boolean => isOpen6(device) && reachable6(device).length > 0;
    // After each pass, for however few devices: where none is open, the others are not looked at.
    const wanted = opensAny() && registry.all().some(isReached);
    if (!wanted) this.#tell(undefined);
    if (wanted === this.#isOn) return;
    if (!wanted) return clock.now() < this.#keptUntil ? undefined : this.#end();
    const missing = await translator.missing("clients");
    this.#tell(missing);
    if (missing !== undefined || this.#stopped || this.#isOn) return;
    log.info(`IPv6 clients reach open devices as ${formatCidr4(config.forwards.clients)}`);
    this.#isOn = true;
    this.#onChange(true);
  }

  stop(): void {
    this.#stopped = true;
  }

  #end(): void {
    this.#parts.log.info("No device is open to IPv6 clients any more");
    this.#isOn = false;
    this.#onChange(false);
  }

  #tell(missing: string | undefined): void {
    if (missing === this.#missing) return;
    this.#missing = missing;
    this.#parts.onMissing(
      missing && `IPv6 clients do not reach open devices but by listed ports: ${missing}.`,
    );
  }
}
