/** Whether the two ports have their links, as the kernel told last: nothing hangs on it in the kernel, so that no pass looks for it. */
import type { Observed, PortFacts } from "../../plan/observe.ts";
import { type PortState, portState } from "../../plan/port-state.ts";
import type { KernelEvent } from "../../ports/kernel.ts";

type Told = Pick<PortFacts, "up" | "carrier"> | "gone";

export class PortStates {
  readonly #names: readonly string[];
  readonly #told = new Map<string, Told>();

  /** @param names interfaces that are watched */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  kernelEvent(event: KernelEvent): void {
    if (event.kind === "resync") this.#told.clear();
    if (event.kind !== "link" || !this.#names.includes(event.ifname)) return;
    const { ifname, gone, up, carrier } = event;
    this.#told.set(ifname, gone ? "gone" : { up, carrier });
  }

  /** @param observed the last look, for a port of which no event told */
  of(name: string, observed: Observed | undefined): PortState {
    const told = this.#told.get(name) ?? observed?.ports.get(name);
    return portState(told === "gone" ? undefined : told);
  }
}
