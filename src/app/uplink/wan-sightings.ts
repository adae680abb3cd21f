import type { Mac } from "../../base/mac.ts";
import { between, type Instant, minutes } from "../../base/time.ts";

/** A MAC heard on the WAN side counts as there for this long; a device that was moved behind the gateway waits it out. */
const remembered = minutes(10);
/** More MACs than any segment has; beyond it the oldest go. */
const most = 16_384;

/** Who speaks on the WAN side: none of them may be impersonated. */
export class WanSightings {
  readonly #seen = new Map<Mac, Instant>();

  note(mac: Mac, now: Instant): void {
    this.#seen.delete(mac);
    this.#seen.set(mac, now);
    if (this.#seen.size <= most) return;
    const oldest = this.#seen.keys().next();
    if (!oldest.done) this.#seen.delete(oldest.value);
  }

  has(mac: Mac, now: Instant): boolean {
    const at = this.#seen.get(mac);
    return at !== undefined && between(at, now) < remembered;
  }
}
