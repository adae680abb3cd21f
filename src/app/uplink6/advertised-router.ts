/** One router as its advertisements describe it. */
import { type Cidr6, contains6, formatCidr6, linkLocalNet } from "../../base/cidr6.ts";
import { type Ip6, isMulticastIp6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import {
  between,
  type Duration,
  earliest,
  type Instant,
  instant,
  minutes,
  never,
  plus,
  seconds,
  zero,
} from "../../base/time.ts";
import type { PrefixInformation, RouterAdvert, RouterPreference } from "../../wire/nd/message.ts";
import { LastingMap } from "./lasting.ts";

export interface AdvertisedPrefix {
  readonly prefix: Cidr6;
  readonly onLink: boolean;
  readonly autonomous: boolean;
  readonly advertisedAt: Instant;
  /** Since the router last named it. */
  readonly omission: Omission | undefined;
  readonly validUntil: Instant;
}

/** Advertisements in a row that carried prefixes, but not this one. */
interface Omission {
  readonly since: Instant;
  readonly times: number;
}

/** What an advertisement has changed about prefixes. */
export interface Taken {
  readonly confirmed: readonly Cidr6[];
  readonly withdrawn: readonly Cidr6[];
  /** A prefix was left out for the first time, by mistake or for good: the router should be asked. */
  readonly doubtful: boolean;
  /** Not taken in, because there are too many already. */
  readonly ignored: readonly Cidr6[];
}

/** Options may be spread over several advertisements (RFC 4861 section 6.2.3), so one that lacks a prefix proves nothing. */
const omissions = 2;
/** Advertisements to all nodes are 3 s apart (RFC 4861 section 10), so three of them that share the prefixes take this long. */
const leastPatience = seconds(8);
const mostPatience = minutes(60);
/** Of each kind, more than any router names. */
const most = 16;
/** Bits. */
const shortest = 16;

export class AdvertisedRouter {
  preference: RouterPreference = "medium";
  managed = false;
  otherConfig = false;
  mtu: number | undefined;
  /** It does not answer neighbour solicitations. */
  silent = false;
  advertisedAt = instant(Number.NEGATIVE_INFINITY);
  /** When it last answered under the MAC that we know. */
  answeredAt = instant(Number.NEGATIVE_INFINITY);
  readonly prefixes = new LastingMap<AdvertisedPrefix>(most);
  readonly rdnss = new LastingMap<Ip6>(most);
  readonly dnssl = new LastingMap<string>(most);
  readonly pref64 = new LastingMap<Cidr6>(most);
  #defaultUntil: Instant = never;
  /** Prefixes that were left out for too long; they may come back. */
  readonly #givenUp = new LastingMap<Omission>(most);
  /** How long a prefix may go unnamed; grows with each one that comes back. */
  #patience = leastPatience;
  /** Before that the router is not asked about what it left out. */
  #askAgainAt = instant(Number.NEGATIVE_INFINITY);
  #pause = leastPatience;

  constructor(
    readonly ip: Ip6,
    public mac: Mac,
  ) {}

  isDefault(now: Instant): boolean {
    return this.#defaultUntil > now;
  }

  /** Answers, and is a router still: its flags count. One that ends its service says so with a lifetime of zero (RFC 4861 section 6.2.5). */
  lives(now: Instant): boolean {
    return !this.silent && (this.isDefault(now) || this.prefixes.size > 0);
  }

  /** Nothing of it holds any more. */
  isOver(now: Instant): boolean {
    const left = this.prefixes.size + this.rdnss.size + this.dnssl.size + this.pref64.size;
    return !this.isDefault(now) && left === 0;
  }

  nextAt(now: Instant): Instant {
    return earliest(
      this.isDefault(now) ? this.#defaultUntil : never,
      this.prefixes.nextAt(),
      ...this.prefixes.values().map((p) => this.#givenUpAt(p)),
      this.rdnss.nextAt(),
      this.dnssl.nextAt(),
      this.pref64.nextAt(),
    );
  }

  /** Drops what is over; tells the prefixes among it. */
  expire(now: Instant): readonly Cidr6[] {
    for (const lasting of [this.rdnss, this.dnssl, this.pref64]) lasting.expire(now);
    this.#givenUp.expire(now);
    const over = this.prefixes.expire(now);
    for (const known of this.prefixes.values()) {
      if (this.#givenUpAt(known) > now) continue;
      const key = formatCidr6(known.prefix);
      this.prefixes.delete(key);
      if (known.omission) this.#givenUp.set(key, known.omission, plus(now, mostPatience));
      over.push(known);
    }
    return over.map(({ prefix }) => prefix);
  }

  /** @param mayAdd whether there is room for a prefix that is new to this router */
  take(advert: RouterAdvert, sender: Mac, now: Instant, mayAdd: (prefix: Cidr6) => boolean): Taken {
    this.mac = advert.sourceMac ?? sender;
    this.silent = false;
    this.advertisedAt = now;
    this.preference = advert.preference;
    this.managed = advert.managed;
    this.otherConfig = advert.otherConfig;
    // An option that is not there leaves what was known (RFC 4861 section 6.3.4).
    this.mtu = advert.mtu ?? this.mtu;
    this.#defaultUntil = plus(now, advert.routerLifetime);
    for (const { lifetime, servers } of advert.rdnss)
      for (const server of servers) renew(this.rdnss, server, server, plus(now, lifetime), now);
    for (const { lifetime, domains } of advert.dnssl)
      for (const domain of domains) renew(this.dnssl, domain, domain, plus(now, lifetime), now);
    for (const { lifetime, prefix } of advert.pref64)
      renew(this.pref64, formatCidr6(prefix), prefix, plus(now, lifetime), now);
    return this.#takePrefixes(advert.prefixes.filter(isUsable), now, mayAdd);
  }

  #takePrefixes(
    carried: readonly PrefixInformation[],
    now: Instant,
    mayAdd: (prefix: Cidr6) => boolean,
  ): Taken {
    const confirmed: Cidr6[] = [];
    const withdrawn: Cidr6[] = [];
    const ignored: Cidr6[] = [];
    for (const { prefix, onLink, autonomous, validLifetime } of carried) {
      const key = formatCidr6(prefix);
      const validUntil = plus(now, validLifetime);
      if (validUntil > now && !this.prefixes.has(key) && !mayAdd(prefix)) {
        ignored.push(prefix);
        continue;
      }
      this.#learnPatience(key, now);
      const value = { prefix, onLink, autonomous, advertisedAt: now, omission: undefined, validUntil };
      renew(this.prefixes, key, value, validUntil, now);
      (validLifetime > zero ? confirmed : withdrawn).push(prefix);
    }
    const doubtful = carried.length > 0 && this.#omit(now) && this.#mayAsk(now);
    return { confirmed, withdrawn, doubtful, ignored };
  }

  /** One that was left out and comes back shows how far apart this router's advertisements are. */
  #learnPatience(key: string, now: Instant): void {
    const omission = this.prefixes.get(key)?.omission ?? this.#givenUp.get(key);
    if (!omission) return;
    this.#givenUp.delete(key);
    const needed = (between(omission.since, now) * 2) as Duration;
    this.#patience = clamp(needed, this.#patience, mostPatience);
  }

  /** Each question about an omission that proves nothing makes the next one wait twice as long. */
  #mayAsk(now: Instant): boolean {
    if (now < this.#askAgainAt) return false;
    this.#askAgainAt = plus(now, this.#pause);
    this.#pause = clamp((this.#pause * 2) as Duration, leastPatience, mostPatience);
    return true;
  }

  /** Counts an omission for each prefix that the advertisement of this moment has not carried; true: the first of one. */
  #omit(now: Instant): boolean {
    let first = false;
    for (const known of this.prefixes.values()) {
      if (known.advertisedAt === now) continue;
      const { since = now, times = 0 } = known.omission ?? {};
      first ||= times === 0;
      const value = { ...known, omission: { since, times: times + 1 } };
      this.prefixes.set(formatCidr6(known.prefix), value, known.validUntil);
    }
    return first;
  }

  #givenUpAt({ omission }: AdvertisedPrefix): Instant {
    return omission && omission.times >= omissions ? plus(omission.since, this.#patience) : never;
  }
}

const clamp = (value: Duration, least: Duration, most: Duration): Duration =>
  Math.min(Math.max(value, least), most) as Duration;

/** A lifetime of zero ends what was there. */
function renew<T>(map: LastingMap<T>, key: string, value: T, until: Instant, now: Instant): void {
  if (until > now) map.set(key, value, until);
  else map.delete(key);
}

/** The link-local prefix is nobody's to advertise (RFC 4861 section 6.3.4), nor are groups; a prefix this short would stand for half the Internet. */
const isUsable = ({ prefix }: PrefixInformation): boolean =>
  prefix.length >= shortest && !contains6(linkLocalNet, prefix.address) && !isMulticastIp6(prefix.address);
