/** One router as its advertisements describe it. */
import { type Cidr6, contains6, formatCidr6, linkLocalNet } from "../../base/cidr6.ts";
import { type Ip6, isMulticastIp6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import { earliest, type Instant, instant, never, plus, zero } from "../../base/time.ts";
import type { PrefixInformation, RouterAdvert, RouterPreference } from "../../wire/nd/message.ts";
import { LastingMap } from "./lasting.ts";

export interface AdvertisedPrefix {
  readonly prefix: Cidr6;
  readonly onLink: boolean;
  readonly autonomous: boolean;
  readonly advertisedAt: Instant;
  /** Advertisements in a row that carried prefixes, but not this one. */
  readonly omitted: number;
  readonly validUntil: Instant;
}

/** What an advertisement has changed about prefixes. */
export interface Taken {
  readonly confirmed: readonly Cidr6[];
  readonly withdrawn: readonly Cidr6[];
  /** A prefix was left out for the first time: by mistake, or for good. */
  readonly doubtful: boolean;
}

/** Options may be spread over several advertisements (RFC 4861 section 6.2.3), so one that lacks a prefix proves nothing. */
const omissions = 2;
/** Of each kind, more than any router names. */
const most = 32;
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
      this.rdnss.nextAt(),
      this.dnssl.nextAt(),
      this.pref64.nextAt(),
    );
  }

  /** Drops what is over; tells the prefixes among it. */
  expire(now: Instant): readonly Cidr6[] {
    for (const lasting of [this.rdnss, this.dnssl, this.pref64]) lasting.expire(now);
    return this.prefixes.expire(now).map(({ prefix }) => prefix);
  }

  take(advert: RouterAdvert, sender: Mac, now: Instant): Taken {
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
    return this.#takePrefixes(advert.prefixes.filter(isUsable), now);
  }

  #takePrefixes(carried: readonly PrefixInformation[], now: Instant): Taken {
    const confirmed: Cidr6[] = [];
    const withdrawn: Cidr6[] = [];
    for (const { prefix, onLink, autonomous, validLifetime } of carried) {
      const validUntil = plus(now, validLifetime);
      const value = { prefix, onLink, autonomous, advertisedAt: now, omitted: 0, validUntil };
      renew(this.prefixes, formatCidr6(prefix), value, validUntil, now);
      (validLifetime > zero ? confirmed : withdrawn).push(prefix);
    }
    const omitted = carried.length > 0 ? this.#omit(now) : [];
    for (const { prefix } of omitted.filter((p) => p.omitted >= omissions)) {
      this.prefixes.delete(formatCidr6(prefix));
      withdrawn.push(prefix);
    }
    return { confirmed, withdrawn, doubtful: omitted.some((p) => p.omitted < omissions) };
  }

  /** Counts an omission for each prefix that the advertisement of this moment has not carried. */
  #omit(now: Instant): AdvertisedPrefix[] {
    const omitted: AdvertisedPrefix[] = [];
    for (const known of this.prefixes.values()) {
      if (known.advertisedAt === now) continue;
      const value = { ...known, omitted: known.omitted + 1 };
      this.prefixes.set(formatCidr6(known.prefix), value, known.validUntil);
      omitted.push(value);
    }
    return omitted;
  }
}

/** A lifetime of zero ends what was there. */
function renew<T>(map: LastingMap<T>, key: string, value: T, until: Instant, now: Instant): void {
  if (until > now) map.set(key, value, until);
  else map.delete(key);
}

/** The link-local prefix is nobody's to advertise (RFC 4861 section 6.3.4), nor are groups; a prefix this short would stand for half the Internet. */
const isUsable = ({ prefix }: PrefixInformation): boolean =>
  prefix.length >= shortest && !contains6(linkLocalNet, prefix.address) && !isMulticastIp6(prefix.address);
