/** Which of several ports a device has open: asked when it comes, soon again while it starts up, and now and then for as long as it is there. */
import type { Ip4 } from "../../base/ip4.ts";
import { type Duration, longest, minutes, plus, seconds } from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Dial } from "../../ports/dial.ts";
import { WakeHeap } from "../uplink/wake-heap.ts";

export interface ProberParts {
  readonly clock: Clock;
  readonly dial: Dial;
  /** The ports to look at. */
  readonly ports: readonly number[];
  readonly onChange: (ip: Ip4) => void;
}

interface Probed {
  looks: number;
  open: readonly number[];
}

const pauses: readonly Duration[] = [seconds(2), seconds(5), seconds(15), seconds(30)];
/** In the long run no more devices a second: each look makes connections, and packets on the LAN. */
const looksPerSecond = 4;
const timeoutMs = 1000;
/** Devices asked at the same time. */
const atOnce = 8;

export class Prober {
  readonly #parts: ProberParts;
  readonly #devices = new Map<Ip4, Probed>();
  readonly #heap = new WakeHeap<Ip4>();
  #timer: Cancel | undefined;
  #busy = 0;

  constructor(parts: ProberParts) {
    this.#parts = parts;
  }

  /** Ports that were open at the last look; nothing before the first. */
  open(ip: Ip4): readonly number[] {
    return this.#devices.get(ip)?.open ?? [];
  }

  /** Whether a port was open at the last look; undefined: nobody looks at it, or has not yet. */
  isOpen(ip: Ip4, port: number): boolean | undefined {
    const probed = this.#devices.get(ip);
    if (!probed || probed.looks === 0 || !this.#parts.ports.includes(port)) return undefined;
    return probed.open.includes(port);
  }

  /** The devices that there are now. */
  follow(addresses: ReadonlySet<Ip4>): void {
    for (const ip of this.#devices.keys())
      if (!addresses.has(ip)) {
        this.#devices.delete(ip);
        this.#heap.delete(ip);
      }
    for (const ip of addresses) this.add(ip);
  }

  /** One more device. */
  add(ip: Ip4): void {
    if (this.#parts.ports.length === 0 || this.#devices.has(ip)) return;
    this.#devices.set(ip, { looks: 0, open: [] });
    this.#heap.set(ip, this.#parts.clock.now());
    this.#arm();
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#devices.clear();
  }

  #arm(): void {
    this.#timer?.();
    this.#timer = undefined;
    if (this.#busy < atOnce)
      this.#timer = this.#parts.clock.at(this.#heap.next(), () => {
        this.#timer = undefined;
        this.#wake();
      });
  }

  #wake(): void {
    const now = this.#parts.clock.now();
    while (this.#busy < atOnce) {
      const ip = this.#heap.take(now);
      if (!ip) break;
      this.#busy++;
      void this.#look(ip).finally(() => {
        this.#busy--;
        this.#arm();
      });
    }
    this.#arm();
  }

  async #look(ip: Ip4): Promise<void> {
    const probed = this.#devices.get(ip);
    if (!probed) return;
    const { clock, dial, ports, onChange } = this.#parts;
    const answers = await Promise.all(ports.map((port) => dial.open(ip, port, timeoutMs)));
    if (this.#devices.get(ip) !== probed) return;
    const open = ports.filter((_, i) => answers[i]);
    const changed = open.join() !== probed.open.join();
    probed.open = open;
    this.#heap.set(ip, plus(clock.now(), this.#pauseAfter(probed.looks++)));
    if (changed) onChange(ip);
  }

  #pauseAfter(looks: number): Duration {
    return pauses[looks] ?? longest(minutes(1), seconds(this.#devices.size / looksPerSecond));
  }
}
