/** Devices that fall silent: asked after, shown inactive, and in the end forgotten. */
import type { Ip4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";
import { between, type Duration, type Instant, scale } from "../../base/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Registry } from "./registry.ts";
import { type DeviceStatus, statusOf } from "./status.ts";

export interface UpkeepParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  readonly offlineAfter: Duration;
  readonly forgetAfter: Duration;
  /** Asks on the LAN whether the device is there; its answer is a sighting. */
  readonly askAfter: (mac: Mac, ip: Ip4) => void;
  readonly forget: (mac: Mac) => void;
  /** A device became inactive or active again. */
  readonly onTurn: (mac: Mac, status: "active" | "inactive") => void;
}

export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #shown = new Map<Mac, DeviceStatus>();
  /** After a long outage everyone looks long gone: they are asked first. */
  readonly #since: Instant;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    this.#since = parts.clock.now();
  }

  /** Looks at every device once; call it every `discovery.poll_interval`. */
  poll(): void {
    const { registry, clock, offlineAfter, forgetAfter, askAfter, forget, log } = this.#parts;
    const now = clock.now();
    for (const device of registry.all()) {
      const silent = between(device.lastSeenAt, now);
      if (silent > forgetAfter && between(this.#since, now) > offlineAfter) {
        log.info(`Device ${device.mac} forgotten: not seen for ${Math.round(silent / 1000)} s`);
        this.#shown.delete(device.mac);
        forget(device.mac);
        continue;
      }
      if (silent > scale(offlineAfter, 1 / 3) && device.lanIp) askAfter(device.mac, device.lanIp);
      this.#tell(device.mac, statusOf(device, now, offlineAfter));
    }
  }

  #tell(mac: Mac, status: DeviceStatus): void {
    const was = this.#shown.get(mac);
    this.#shown.set(mac, status);
    const left = status === "inactive" && was !== "inactive";
    const back = status === "active" && was === "inactive";
    if (left) this.#parts.log.info(`Device ${mac} inactive: no frame of it on the LAN`);
    if (back) this.#parts.log.info(`Device ${mac} active again`);
    if (left || back) this.#parts.onTurn(mac, left ? "inactive" : "active");
  }
}
