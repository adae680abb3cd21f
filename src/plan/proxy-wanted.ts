/** What the proxy is to do, kept so that the change of one device costs the same however many there are. */
import type { Ip6 } from "../base/ip6.ts";
import type { Mac } from "../base/mac.ts";
import { Tally } from "../base/tally.ts";
import type { ProxyChanges, ProxyDesired, ProxyDevice } from "./proxy.ts";

export interface ProxyNews {
  /** Devices that are really different. */
  readonly macs: readonly Mac[];
  /** Whether another device has, or had, an address of theirs too: then who gets it depends on all. */
  readonly contested: boolean;
}

export class ProxyWanted {
  readonly #settings: Omit<ProxyDesired, "devices">;
  /** Each keeps its place, new ones come last. */
  readonly #devices = new Map<Mac, ProxyDevice>();
  /** By how many devices each address is claimed. */
  readonly #claims = new Tally<Ip6>();

  constructor({ devices, ...settings }: ProxyDesired) {
    this.#settings = settings;
    for (const device of devices) this.#put(device.mac, device);
  }

  whole(): ProxyDesired {
    return { ...this.#settings, devices: [...this.#devices.values()] };
  }

  /** As if there were only these devices. */
  part(macs: readonly Mac[]): ProxyDesired {
    return { ...this.#settings, devices: macs.flatMap((mac) => this.#devices.get(mac) ?? []) };
  }

  change(changes: ProxyChanges): ProxyNews {
    const macs = [...changes].filter(([mac, device]) => !same(this.#devices.get(mac), device));
    const before = macs.some(([mac]) => this.#contested(mac));
    for (const [mac, device] of macs) this.#put(mac, device);
    return {
      macs: macs.map(([mac]) => mac),
      contested: before || macs.some(([mac]) => this.#contested(mac)),
    };
  }

  /** What is different from `before`; undefined when that is more than devices. */
  since(before: ProxyWanted): ProxyNews | undefined {
    if (JSON.stringify(this.#settings) !== JSON.stringify(before.#settings)) return undefined;
    const all = new Set([...before.#devices.keys(), ...this.#devices.keys()]);
    const macs = [...all].filter((mac) => !same(before.#devices.get(mac), this.#devices.get(mac)));
    return { macs, contested: macs.some((mac) => this.#contested(mac) || before.#contested(mac)) };
  }

  #put(mac: Mac, device: ProxyDevice | undefined): void {
    for (const ip of this.#devices.get(mac)?.addresses6 ?? []) this.#claims.add(ip, -1);
    if (device) this.#devices.set(mac, device);
    else this.#devices.delete(mac);
    for (const ip of device?.addresses6 ?? []) this.#claims.add(ip, 1);
  }

  #contested(mac: Mac): boolean {
    const addresses = this.#devices.get(mac)?.addresses6 ?? [];
    return addresses.some((ip) => this.#claims.count(ip) > 1);
  }
}

const same = (a: ProxyDevice | undefined, b: ProxyDevice | undefined): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);
