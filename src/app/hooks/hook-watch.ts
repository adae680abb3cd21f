/** Which changes of a device are worth telling outside. */
import type { Mac } from "../../base/mac.ts";
import { between, millis, wallPlus } from "../../base/time.ts";
import type { DeviceStatus, StoredDevice } from "../../config/state-device.ts";
import type { Cancel } from "../../ports/clock.ts";
import type { HookEvent } from "../../ports/hooks.ts";
import type { Inspection } from "../inspection.ts";

export type Watched = Pick<Inspection, "devices" | "device" | "follow" | "clock" | "startedAt">;

/** What belongs together happens within this: a device that is forgotten loses its addresses first. */
const gather = millis(50);

interface Told {
  readonly event: HookEvent;
  /** As it was then. */
  readonly device: StoredDevice;
}

/** Calls back with each change once; what an earlier run knew already is no news. */
export class HookWatch {
  readonly #inspection: Watched;
  readonly #listener: (event: HookEvent, device: StoredDevice) => void;
  /** What was told last of each device that is there. */
  readonly #told = new Map<Mac, Told>();
  /** The devices that changed, and whether they were forgotten meanwhile. */
  readonly #changed = new Map<Mac, { readonly isGone: boolean }>();
  #flush: Cancel | undefined;

  constructor(inspection: Watched, listener: (event: HookEvent, device: StoredDevice) => void) {
    this.#inspection = inspection;
    this.#listener = listener;
    const { clock, startedAt } = inspection;
    const started = wallPlus(clock.wall(), between(clock.now(), startedAt));
    for (const device of inspection.devices()) {
      const { mac_address: mac, status, discovered_at } = device;
      if ((discovered_at ?? 0) < started) this.#told.set(mac, { event: stateOf(status) ?? "new", device });
      else this.#note(mac, status);
    }
    inspection.follow((mac, status) => this.#note(mac, status));
  }

  stop(): void {
    this.#flush?.();
    this.#changed.clear();
  }

  /** @param status undefined: it is forgotten */
  #note(mac: Mac, status: DeviceStatus | undefined): void {
    const told = this.#told.get(mac);
    const isNews = status === undefined || !told || (stateOf(status) ?? told.event) !== told.event;
    if (!isNews && !this.#changed.has(mac)) return;
    const wasGone = this.#changed.get(mac)?.isGone ?? false;
    this.#changed.set(mac, { isGone: wasGone || status === undefined });
    this.#flush ??= this.#inspection.clock.after(gather, () => {
      this.#flush = undefined;
      const changed = [...this.#changed];
      this.#changed.clear();
      for (const [mac, { isGone }] of changed) this.#look(mac, isGone);
    });
  }

  #look(mac: Mac, isGone: boolean): void {
    const before = this.#told.get(mac);
    if (isGone) this.#told.delete(mac);
    if (isGone && before) this.#listener("gone", before.device);
    const device = this.#inspection.device(mac);
    if (!device) return;
    const told = this.#told.get(mac);
    if (!told) this.#tell("new", device);
    const state = stateOf(device.status);
    if (state && state !== told?.event) this.#tell(state, device);
  }

  #tell(event: HookEvent, device: StoredDevice): void {
    this.#told.set(device.mac_address, { event, device });
    this.#listener(event, device);
  }
}

/** A device that is quiet for a while keeps its addresses. */
const stateOf = (status: DeviceStatus): HookEvent | undefined =>
  status === "active" || status === "inactive" ? "active" : status === "failed" ? "failed" : undefined;
