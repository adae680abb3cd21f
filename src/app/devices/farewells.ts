/**
 * Devices that are forgotten: their leases are given back once the kernel has their addresses no more, so that nothing of theirs is sent afterwards
 * (RFC 2131 section 3.1 point 6, RFC 9915 section 18.2.7).
 */
import type { Mac } from "../../base/mac.ts";
import { seconds } from "../../base/time.ts";
import { identityName } from "../../plan/marks.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Pass } from "../reconcile/reconciler.ts";

export interface FarewellsParts {
  readonly clock: Clock;
  /** RELEASE of all leases, and no more of this device. */
  readonly release: (mac: Mac) => void;
}

/** If the kernel does not let go of an identity for so long, the lease is given back all the same. */
const longest = seconds(30);

export class Farewells {
  readonly #parts: FarewellsParts;
  /** Devices whose identities still go, and how to end the wait. */
  readonly #leaving = new Map<Mac, Cancel>();

  constructor(parts: FarewellsParts) {
    this.#parts = parts;
  }

  /** The device is forgotten. @param hasIdentity whether the kernel may have anything of it */
  begin(mac: Mac, hasIdentity: boolean): void {
    this.end(mac);
    if (hasIdentity)
      this.#leaving.set(
        mac,
        this.#parts.clock.after(longest, () => this.end(mac)),
      );
    else this.#parts.release(mac);
  }

  passed({ desired, failures, macs }: Pick<Pass, "desired" | "failures" | "macs">): void {
    if (this.#leaving.size === 0) return;
    for (const mac of macs ?? [...this.#leaving.keys()]) {
      const key = `identity ${identityName(mac)}`;
      if (!desired.has(key) && !failures.some((failure) => failure.key === key)) this.end(mac);
    }
  }

  /** Gives the leases back now, as when the device is there again before its identity has gone. */
  end(mac: Mac): void {
    const cancel = this.#leaving.get(mac);
    if (!cancel) return;
    cancel();
    this.#leaving.delete(mac);
    this.#parts.release(mac);
  }

  /** The gateway stops: nobody will be there to do it later. */
  stop(): void {
    for (const mac of [...this.#leaving.keys()]) this.end(mac);
  }
}
