/** Router advertisements in, the network as it is now out. Holds no timer: `nextAt` says when `expire` has something to do. */
import { type Cidr6, contains6, distinctCidrs6, formatCidr6 } from "../../base/cidr6.ts";
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import { earliest, type Instant, never, plus, seconds } from "../../base/time.ts";
import type { RouterAdvert } from "../../wire/nd/message.ts";
import { AdvertisedRouter } from "./advertised-router.ts";
import type { Network6 } from "./network.ts";

/** How long routers have to confirm, after the first advertisement, what an earlier run used. */
const seedGrace = seconds(10);
/** How long a router has to show itself after the link has changed. */
const suspicion = seconds(4);
/** More than any link has; a stranger may invent as many as it likes. What is known first stays. */
const mostRouters = 16;
const mostPrefixes = 16;
const mostResolvers = 8;
const mostWithdrawn = 64;
const mostIgnored = 256;

const ranks = { high: 0, medium: 1, low: 2 } as const;

export class RouterTable {
  /** In the order in which they were first heard. */
  readonly #routers = new Map<Ip6, AdvertisedRouter>();
  readonly #withdrawn = new Map<string, Cidr6>();
  readonly #ignored = new Map<string, Cidr6>();
  readonly #seeds = new Map<string, Cidr6>();
  #seedsUntil: Instant = never;
  #suspectSince: Instant = never;
  #suspectUntil: Instant = never;
  #heard = false;

  /** All that are known, those that are silent as well. */
  routers(): readonly { readonly ip: Ip6; readonly mac: Mac }[] {
    return [...this.#routers.values()];
  }

  macOf(ip: Ip6): Mac | undefined {
    return this.#routers.get(ip)?.mac;
  }

  /** Takes in an advertisement. True: it lacks a prefix that the router used to advertise, and should be asked for again. */
  heard(ip: Ip6, sender: Mac, advert: RouterAdvert, now: Instant): boolean {
    const router = this.#routers.get(ip) ?? new AdvertisedRouter(ip, sender);
    if (!this.#routers.has(ip) && this.#routers.size >= mostRouters) {
      this.#ignore(advert.prefixes.map(({ prefix }) => prefix));
      return false;
    }
    this.#routers.set(ip, router);
    if (!this.#heard && this.#seeds.size > 0)
      this.#seedsUntil = earliest(this.#seedsUntil, plus(now, seedGrace));
    this.#heard = true;
    const mayAdd = (prefix: Cidr6): boolean => this.#hasRoomFor(prefix);
    const { confirmed, withdrawn, doubtful, ignored } = router.take(advert, sender, now, mayAdd);
    this.#ignore(ignored);
    for (const prefix of confirmed.map(formatCidr6)) {
      this.#withdrawn.delete(prefix);
      this.#ignored.delete(prefix);
      this.#seeds.delete(prefix);
    }
    for (const prefix of withdrawn) this.#withdraw(prefix);
    return doubtful;
  }

  /** A router answered a neighbour solicitation, or spoke otherwise. */
  answered(ip: Ip6, mac: Mac, now: Instant): void {
    const router = this.#routers.get(ip);
    if (!router) return;
    router.silent = false;
    // After a change of the link a neighbour of the same name may be another router: it has to advertise first.
    if (router.mac === mac) router.answeredAt = now;
    else if (!this.#isSuspect(router)) router.mac = mac;
  }

  /** A router does not answer: no default router until it is heard again. Its prefixes hold until their time. */
  silenced(ip: Ip6): void {
    const router = this.#routers.get(ip);
    if (router) router.silent = true;
  }

  /** Prefixes of addresses that are there from an earlier run: some router may have advertised them. */
  seed(prefixes: readonly Cidr6[], now: Instant): void {
    for (const prefix of prefixes)
      if (!this.#isAdvertised(prefix)) this.#seeds.set(formatCidr6(prefix), prefix);
    if (this.#heard && this.#seeds.size > 0)
      this.#seedsUntil = earliest(this.#seedsUntil, plus(now, seedGrace));
  }

  /** The link may lead elsewhere: who neither advertises nor answers soon is gone, with all it advertised. */
  suspectAll(now: Instant): void {
    this.#suspectSince = now;
    this.#suspectUntil = plus(now, suspicion);
    if (this.#seeds.size > 0) this.#seedsUntil = earliest(this.#seedsUntil, this.#suspectUntil);
  }

  /** Whether it is still open which routers are there since the link has changed. */
  get suspects(): boolean {
    return this.#suspectUntil !== never;
  }

  /** Whether an address belongs to a prefix that is known to hold on the link as it is now. */
  vouchesFor(address: Ip6): boolean {
    return [...this.#routers.values()].some((router) =>
      router.prefixes
        .values()
        .some(
          (p) => (!this.suspects || p.advertisedAt >= this.#suspectSince) && contains6(p.prefix, address),
        ),
    );
  }

  /** When something ends. */
  nextAt(now: Instant): Instant {
    const ends = [...this.#routers.values()].map((router) => router.nextAt(now));
    return earliest(this.#seedsUntil, this.#suspectUntil, ...ends);
  }

  /** Drops what is over. */
  expire(now: Instant): void {
    if (this.#suspectUntil <= now) this.#settleSuspicion();
    for (const router of this.#routers.values()) {
      for (const prefix of router.expire(now)) this.#withdraw(prefix);
      if (router.isOver(now)) this.#routers.delete(router.ip);
    }
    if (this.#seedsUntil > now) return;
    const unconfirmed = [...this.#seeds.values()];
    this.#seeds.clear();
    this.#seedsUntil = never;
    for (const prefix of unconfirmed) this.#withdraw(prefix);
  }

  view(now: Instant): Network6 {
    const all = [...this.#routers.values()].toSorted(
      (a, b) => Number(a.silent) - Number(b.silent) || ranks[a.preference] - ranks[b.preference],
    );
    const alive = all.filter((router) => router.lives(now));
    const mtus = alive.flatMap(({ mtu }) => mtu ?? []);
    const prefixes = all.flatMap((router) => router.prefixes.values());
    const autonomous = prefixes.filter((p) => p.autonomous).map((p) => p.prefix);
    return {
      routers: alive
        .filter((router) => router.isDefault(now))
        .map(({ ip, mac, preference, prefixes }) => ({
          address: ip,
          mac,
          preference,
          prefixes: inOrder(prefixes.values().map((p) => p.prefix)),
          onLink: inOrder(prefixes.values().flatMap((p) => (p.onLink ? p.prefix : []))),
        })),
      onLink: inOrder(prefixes.filter((p) => p.onLink).map((p) => p.prefix)),
      autonomous: inOrder([...autonomous, ...this.#seeds.values()]),
      managed: alive.some((router) => router.managed),
      otherConfig: alive.some((router) => router.otherConfig),
      rdnss: [...new Set(all.flatMap((router) => router.rdnss.values()))].slice(0, mostResolvers),
      dnssl: [...new Set(all.flatMap((router) => router.dnssl.values()))].slice(0, mostResolvers),
      pref64: distinctCidrs6(all.flatMap((router) => router.pref64.values())).slice(0, mostResolvers),
      ...(mtus.length > 0 ? { mtu: Math.min(...mtus) } : {}),
      withdrawn: inOrder([...this.#withdrawn.values()]),
      ignored: [...this.#ignored.values()],
      heard: this.#heard,
    };
  }

  #isSuspect(router: AdvertisedRouter): boolean {
    return this.suspects && router.advertisedAt < this.#suspectSince;
  }

  #settleSuspicion(): void {
    const since = this.#suspectSince;
    for (const router of this.#routers.values()) {
      const advertised = router.advertisedAt >= since;
      if (!advertised && router.answeredAt >= since) continue;
      for (const { prefix, advertisedAt } of router.prefixes.values()) {
        if (advertised && advertisedAt >= since) continue;
        router.prefixes.delete(formatCidr6(prefix));
        this.#withdraw(prefix);
      }
      if (!advertised) this.#routers.delete(router.ip);
    }
    this.#suspectUntil = never;
  }

  #hasRoomFor(prefix: Cidr6): boolean {
    if (this.#isAdvertised(prefix) || this.#seeds.has(formatCidr6(prefix))) return true;
    const known = new Set(
      [...this.#routers.values()].flatMap((r) => r.prefixes.values().map((p) => formatCidr6(p.prefix))),
    );
    return known.size < mostPrefixes;
  }

  #ignore(prefixes: readonly Cidr6[]): void {
    for (const prefix of prefixes)
      if (this.#ignored.size < mostIgnored && !this.#isAdvertised(prefix))
        this.#ignored.set(formatCidr6(prefix), prefix);
  }

  #isAdvertised(prefix: Cidr6): boolean {
    const key = formatCidr6(prefix);
    return [...this.#routers.values()].some((router) => router.prefixes.has(key));
  }

  /** A prefix that another router still advertises holds. */
  #withdraw(prefix: Cidr6): void {
    if (this.#isAdvertised(prefix)) return;
    const key = formatCidr6(prefix);
    this.#seeds.delete(key);
    this.#withdrawn.set(key, prefix);
    const oldest = this.#withdrawn.keys().next();
    if (this.#withdrawn.size > mostWithdrawn && !oldest.done) this.#withdrawn.delete(oldest.value);
  }
}

/** Without repetitions, in an order that does not depend on who was heard first. */
const inOrder = (prefixes: readonly Cidr6[]): Cidr6[] =>
  distinctCidrs6(prefixes).toSorted((a, b) => (formatCidr6(a) < formatCidr6(b) ? -1 : 1));
