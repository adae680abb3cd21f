/** What leases and routers say of the network: signs that it may have changed, and proof that it is another one. */
import { formatCidr6 } from "../../base/cidr6.ts";
import type { Ip4 } from "../../base/ip4.ts";
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import type { Lease4 } from "../../machine/dhcp4/lease.ts";
import type { Network6 } from "../uplink6/network.ts";

export interface EvidenceParts {
  readonly sign: (what: string) => void;
  readonly proof: (what: string) => void;
  /** Somebody is there who was not there before. */
  readonly stranger: (who: string) => void;
  /** Whether no change is under way. */
  readonly isSettled: () => boolean;
  /** Whether any device has a lease of IPv4. */
  readonly hasIpv4: () => boolean;
}

const named = (routers: Iterable<string>): string => [...routers].join(", ") || "none";

export class Evidence {
  readonly #parts: EvidenceParts;
  /** Default routers of the leases obtained since the last verification. */
  readonly #routers = new Set<Ip4>();
  /** The router of each device's last lease. */
  readonly #before = new Map<Mac, Ip4>();
  /** Routers that did not answer since the last verification. */
  readonly #silent = new Set<Ip4>();
  /** Whether there was IPv4, and which IPv6 routers there were, before the change that is under way. */
  #had4 = false;
  #had6: ReadonlySet<Ip6> = new Set();
  #there: readonly Ip6[] = [];
  /** The IPv6 routers from before count no more once the change is over. */
  #moved = false;

  constructor(parts: EvidenceParts) {
    this.#parts = parts;
  }

  /** The link goes: whoever is heard later than now may be of another network. */
  linkLost(): void {
    if (!this.#parts.isSettled()) return;
    this.#had4 = this.#parts.hasIpv4();
    this.#catchUp();
  }

  /** All are asked again. */
  begin(): void {
    this.#routers.clear();
    this.#silent.clear();
  }

  /** Whether a server has granted or confirmed a lease since the last verification. */
  get isAnswered(): boolean {
    return this.#routers.size > 0;
  }

  isSilent(router: Ip4): boolean {
    return this.#silent.has(router);
  }

  /** A device has a lease; a router of another network than before is proof of a move. */
  leased(mac: Mac, lease: Lease4): void {
    const router = lease.routes.find((r) => r.destination.length === 0)?.router;
    if (!router) return;
    const before = this.#before.get(mac);
    this.#before.set(mac, router);
    const another = before !== undefined && before !== router && !this.#routers.has(router);
    if (another) this.#routers.clear();
    this.#routers.add(router);
    if (another) this.#prove(`IPv4 router ${before} -> ${router}`);
    this.#compareFamilies();
  }

  /** `mac` undefined: the router does not answer any more. */
  router(router: Ip4, mac: Mac | undefined, was: Mac | undefined): void {
    if (!mac) this.#silent.add(router);
    else this.#silent.delete(router);
    if (!mac) this.#parts.sign(`IPv4 router ${router} does not answer`);
    else if (was && was !== mac) this.#parts.sign(`IPv4 router ${router} was at ${was}, is at ${mac}`);
    this.#compareFamilies();
  }

  network6(now: Network6, was: Network6): void {
    const there = now.routers.map((r) => r.address);
    if (this.#parts.isSettled()) this.#catchUp();
    this.#there = there;
    this.#tellLoss6(now, was, there);
    const unknown = there.filter((ip) => !this.#had6.has(ip));
    if (unknown.length > 0) this.#parts.stranger(`IPv6 router ${named(unknown)} is new`);
    const strangers = there.length > 0 && !there.some((ip) => this.#had6.has(ip));
    if (strangers && this.#had6.size > 0) this.#prove(`IPv6 router ${named(this.#had6)} -> ${named(there)}`);
    this.#compareFamilies();
  }

  /** What is there at the end of a change is what there was before the next. */
  #catchUp(): void {
    this.#had6 = new Set(this.#moved ? this.#there : [...this.#had6, ...this.#there]);
    this.#moved = false;
  }

  #prove(what: string): void {
    this.#moved = true;
    this.#parts.proof(what);
  }

  #tellLoss6(now: Network6, was: Network6, there: readonly Ip6[]): void {
    const gone = now.withdrawn.filter((p) => !was.withdrawn.some((q) => formatCidr6(p) === formatCidr6(q)));
    const lost = was.routers.map((r) => r.address).filter((ip) => !there.includes(ip));
    if (gone.length > 0)
      this.#parts.sign(
        `IPv6 prefix ${named(gone.map(formatCidr6))} -> ${named(now.autonomous.map(formatCidr6))}`,
      );
    else if (lost.length > 0 && lost.length === was.routers.length)
      this.#parts.sign(`IPv6 router ${named(lost)} -> ${named(there)}`);
  }

  /** One family gone and the other new, while the link was away: no router can be compared, and yet it is another network. */
  #compareFamilies(): void {
    if (this.#parts.isSettled()) return;
    const gone4 = this.#had4 && this.#silent.size > 0 && this.#routers.size === 0;
    const gone6 = this.#had6.size > 0 && this.#there.length === 0;
    if (gone4 && this.#had6.size === 0 && this.#there.length > 0)
      this.#prove(`IPv4 router ${named(this.#silent)} -> none, IPv6 router none -> ${named(this.#there)}`);
    if (gone6 && !this.#had4 && this.#routers.size > 0)
      this.#prove(`IPv6 router ${named(this.#had6)} -> none, IPv4 router none -> ${named(this.#routers)}`);
  }
}
