import type { Ip4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";
import type { Device } from "./device.ts";

export type DeviceListener = (now: Device | undefined, was: Device | undefined) => void;

/** All devices by MAC, and the LAN address each holds; a LAN address has one holder, the last that showed it. */
export class Registry {
  readonly #devices = new Map<Mac, Device>();
  readonly #holders = new Map<Ip4, Mac>();
  readonly #listeners: DeviceListener[] = [];

  get size(): number {
    return this.#devices.size;
  }
  get(mac: Mac): Device | undefined {
    return this.#devices.get(mac);
  }
  all(): readonly Device[] {
    return [...this.#devices.values()];
  }
  /** Which device holds a LAN address. */
  holder(ip: Ip4): Mac | undefined {
    return this.#holders.get(ip);
  }
  /** Called after each change, also with `undefined` for what came or went. */
  listen(listener: DeviceListener): void {
    this.#listeners.push(listener);
  }

  put(device: Device): void {
    const was = this.#devices.get(device.mac);
    if (was?.lanIp && was.lanIp !== device.lanIp) this.#holders.delete(was.lanIp);
    if (device.lanIp) this.#take(device.lanIp, device.mac);
    this.#devices.set(device.mac, device);
    for (const listener of this.#listeners) listener(device, was);
  }

  #take(ip: Ip4, mac: Mac): void {
    const before = this.#holders.get(ip);
    this.#holders.set(ip, mac);
    if (before === undefined || before === mac) return;
    const loser = this.#devices.get(before);
    if (!loser) return;
    const { lanIp: _lost, ...rest } = loser;
    this.#devices.set(before, rest);
    for (const listener of this.#listeners) listener(rest, loser);
  }

  remove(mac: Mac): void {
    const was = this.#devices.get(mac);
    if (!was) return;
    this.#devices.delete(mac);
    if (was.lanIp) this.#holders.delete(was.lanIp);
    for (const listener of this.#listeners) listener(undefined, was);
  }
}
