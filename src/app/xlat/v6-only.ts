/** IPv6-Only Preferred (RFC 8925): which devices can do without IPv4, and what becomes of their DHCPv4 when that changes. */
import type { Mac } from "../../base/mac.ts";
import { type Instant, plus, seconds } from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import { type Device, leaseOf, restsFromIpv4 } from "../devices/device.ts";
import type { Registry } from "../devices/registry.ts";

export interface V6OnlyParts {
  readonly clock: Clock;
  readonly registry: Registry;
  /** Whether the device's IPv4 could be translated now. */
  readonly isTranslatable: (device: Device) => boolean;
  /** Ask the servers what they make of its lease: option 108 was not asked for when it was granted. */
  readonly verify: (mac: Mac) => void;
  /** It cannot do without IPv4 any more: ask for an address. */
  readonly retry: (mac: Mac) => void;
}

/** So long IPv6 may be away, as while a cable is changed, before a device asks for IPv4 again. */
const patience = seconds(10);

export class V6Only {
  readonly #parts: V6OnlyParts;
  /** Devices that can, and until when if that is over. */
  readonly #able = new Map<Mac, Instant | "open">();
  /** Devices whose lease was verified for this alone. */
  readonly #verified = new Set<Mac>();
  #timer: Cancel | undefined;

  constructor(parts: V6OnlyParts) {
    this.#parts = parts;
  }

  /** Whether the device asks for option 108, and obeys it. */
  has(mac: Mac): boolean {
    return this.#able.has(mac);
  }

  /** The device may be able now, or not any more. */
  look(device: Device): void {
    const { mac } = device;
    const { clock, isTranslatable } = this.#parts;
    if (isTranslatable(device)) {
      this.#able.set(mac, "open");
      this.#verify(device);
    } else if (this.#able.get(mac) === "open") {
      this.#able.set(mac, plus(clock.now(), patience));
      this.#timer ??= clock.after(patience, () => this.#expire());
    }
  }

  forget(mac: Mac): void {
    this.#able.delete(mac);
    this.#verified.delete(mac);
  }

  stop(): void {
    this.#timer?.();
  }

  #verify(device: Device): void {
    const lease = leaseOf(device);
    if (!lease || lease.v6OnlyAsked || this.#verified.has(device.mac)) return;
    this.#verified.add(device.mac);
    this.#parts.verify(device.mac);
  }

  #expire(): void {
    const { clock, registry, retry } = this.#parts;
    const now = clock.now();
    const over = [...this.#able].filter(([, until]) => until !== "open" && until <= now);
    for (const [mac] of over) this.forget(mac);
    const next = [...this.#able.values()].filter((until) => until !== "open");
    this.#timer = next.length > 0 ? clock.at(Math.min(...next) as Instant, () => this.#expire()) : undefined;
    for (const [mac] of over) {
      const device = registry.get(mac);
      if (device && restsFromIpv4(device)) retry(mac);
    }
  }
}
