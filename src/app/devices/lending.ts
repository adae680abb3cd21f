/** Whose identities the gateway's own traffic uses: one for each family, the same for as long as it can. */
import type { Mac } from "../../base/mac.ts";
import type { Network6Plan } from "../../plan/desired6.ts";
import type { Device } from "./device.ts";
import { lender } from "./plan-input.ts";
import { lender6 } from "./plan-input6.ts";
import type { Registry } from "./registry.ts";

type Choose = (devices: readonly Device[]) => Mac | undefined;

export class Lending {
  readonly #registry: Registry;
  readonly #choose6: Choose;
  ipv4: Mac | undefined;
  ipv6: Mac | undefined;

  constructor(registry: Registry, network6: () => Network6Plan) {
    this.#registry = registry;
    this.#choose6 = (devices) => lender6(devices, network6());
  }

  /** Who lends goes on while it can. */
  choose(): void {
    this.keep(this.#registry.all().map(({ mac }) => mac));
  }

  /** Only these devices are different now. */
  keep(changed: Iterable<Mac>): void {
    const few = [...changed];
    this.ipv4 = this.#keepOne(this.ipv4, few, lender);
    this.ipv6 = this.#keepOne(this.ipv6, few, this.#choose6);
  }

  #keepOne(now: Mac | undefined, changed: readonly Mac[], choose: Choose): Mac | undefined {
    const devicesOf = (macs: readonly Mac[]): Device[] =>
      macs.flatMap((mac) => this.#registry.get(mac) ?? []);
    if (now === undefined) return choose(devicesOf(changed));
    return choose(devicesOf([now])) ?? choose(this.#registry.all());
  }
}
