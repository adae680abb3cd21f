import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import type { Asker6 } from "./router-watch6.ts";

/** Identities in whose name routers may be asked, by turns: a switch may drop what some of them send. */
export class Askers {
  /** Whoever was the asker goes to the end. */
  readonly #linkLocals = new Map<Mac, Ip6>();

  /** @param linkLocal its link-local address, while that is usable */
  set(mac: Mac, linkLocal: Ip6 | undefined): void {
    if (!linkLocal) this.#linkLocals.delete(mac);
    else if (this.#linkLocals.get(mac) !== linkLocal) this.#linkLocals.set(mac, linkLocal);
  }

  /** The address to ask from in its own name. */
  linkLocal(mac: Mac): Ip6 | undefined {
    return this.#linkLocals.get(mac);
  }

  /** `preferred` where it may ask, else the one that has waited longest. */
  next(preferred: Mac | undefined): Asker6 | undefined {
    const mac =
      preferred && this.#linkLocals.has(preferred) ? preferred : this.#linkLocals.keys().next().value;
    const ip = mac && this.#linkLocals.get(mac);
    if (!mac || !ip) return undefined;
    this.#linkLocals.delete(mac);
    this.#linkLocals.set(mac, ip);
    return { mac, ip };
  }
}
