/** The IPv6 addresses of the identities as the kernel reports them: what is new is announced, what is taken is told. */
import type { Cidr6 } from "../../base/cidr6.ts";
import { eui64Address, type Ip6, isRoutableIp6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import type { Address6Fact } from "../../plan/desired6.ts";
import { slaacLength } from "../../plan/identity6.ts";
import type { Log } from "../../ports/log.ts";
import type { Announcer } from "./announcer.ts";

export interface AddressBookParts {
  readonly log: Log;
  readonly announcer: Announcer;
  /** Duplicate address detection has ended. */
  readonly onChecked: (mac: Mac, address: Ip6, duplicate: boolean) => void;
}

interface Page {
  readonly mac: Mac;
  /** At the last look; undefined before the first. */
  facts: readonly Address6Fact[] | undefined;
  /** The same facts mean something else since the last look. */
  stale: boolean;
  /** Taken by other stations; told already. */
  readonly conflicts: Set<Ip6>;
}

const noFacts: readonly Address6Fact[] = [];

export class AddressBook {
  readonly #parts: AddressBookParts;
  readonly #pages = new Map<Mac, Page>();
  readonly #byAddress = new Map<Ip6, Mac>();

  constructor(parts: AddressBookParts) {
    this.#parts = parts;
  }

  has(mac: Mac): boolean {
    return this.#pages.has(mac);
  }
  facts(mac: Mac): readonly Address6Fact[] {
    return this.#pages.get(mac)?.facts ?? noFacts;
  }
  /** Which identity has an address, or checks it. */
  holder(ip: Ip6): Mac | undefined {
    return this.#byAddress.get(ip);
  }

  /** The identity is there; what it has on it comes with the first look. */
  open(mac: Mac): void {
    this.#page(mac);
  }

  /** What the kernel has on an identity now; false when that is nothing new. */
  look(mac: Mac, facts: readonly Address6Fact[]): boolean {
    const page = this.#page(mac);
    const was = page.facts;
    if (was && !page.stale && sameFacts(was, facts)) return false;
    page.facts = facts;
    page.stale = false;
    this.#index(mac, was ?? noFacts, facts);
    for (const fact of facts) {
      if (fact.state === "duplicate") this.duplicate(mac, fact.ip);
      else if (isCarried(fact)) this.#carried(page, fact.ip, was);
    }
    return true;
  }

  /** The next look is to be taken as news. */
  lookAnew(mac: Mac): void {
    const page = this.#pages.get(mac);
    if (page) page.stale = true;
  }

  /** Another station has the address. */
  duplicate(mac: Mac, ip: Ip6): void {
    const page = this.#pages.get(mac);
    if (!page) return;
    if (!page.conflicts.has(ip))
      this.#parts.log.warn(`Another station has the IPv6 address ${ip} of device ${mac}`);
    page.conflicts.add(ip);
    this.#parts.onChecked(mac, ip, true);
  }

  /** Whether others may send to it, at an address beyond the link. */
  isCarried(mac: Mac): boolean {
    return this.facts(mac).some(isCarried);
  }

  /** Whether the kernel has made an address of one of these prefixes, in any state, or other stations have it, or there is none to be made. */
  isServed(mac: Mac, prefixes: readonly Cidr6[]): boolean {
    const own = prefixes
      .filter(({ length }) => length === slaacLength)
      .map((p) => eui64Address(p.address, mac));
    const page = this.#pages.get(mac);
    return own.length === 0 || own.some((ip) => this.holder(ip) === mac || page?.conflicts.has(ip) === true);
  }

  /** All addresses may have been somewhere else in between. */
  announceAll(): void {
    for (const mac of this.#pages.keys())
      for (const fact of this.facts(mac))
        if (isCarried(fact)) this.#parts.announcer.announceOnceSure(mac, fact.ip);
  }

  /** The network may not have heard of the device's addresses. */
  announceAnew(mac: Mac): void {
    for (const fact of this.facts(mac))
      if (isCarried(fact)) this.#parts.announcer.announce(mac, fact.ip, "moved");
  }

  forget(mac: Mac): void {
    this.#index(mac, this.facts(mac), noFacts);
    this.#pages.delete(mac);
  }

  #page(mac: Mac): Page {
    const known = this.#pages.get(mac);
    if (known) return known;
    const page: Page = { mac, facts: undefined, stale: false, conflicts: new Set() };
    this.#pages.set(mac, page);
    return page;
  }

  #index(mac: Mac, was: readonly Address6Fact[], now: readonly Address6Fact[]): void {
    for (const { ip } of was) if (this.#byAddress.get(ip) === mac) this.#byAddress.delete(ip);
    for (const { ip, state } of now) if (state !== "duplicate") this.#byAddress.set(ip, mac);
  }

  #carried({ mac, conflicts }: Page, ip: Ip6, was: readonly Address6Fact[] | undefined): void {
    const { announcer, onChecked } = this.#parts;
    conflicts.delete(ip);
    if (!was) announcer.announceOnceSure(mac, ip);
    else if (!was.some((old) => old.ip === ip && isCarried(old))) announcer.announce(mac, ip, "new");
    onChecked(mac, ip, false);
  }
}

/** Others may send to it. */
const isCarried = ({ ip, state }: Address6Fact): boolean =>
  isRoutableIp6(ip) && (state === "usable" || state === "deprecated");

const sameFacts = (a: readonly Address6Fact[], b: readonly Address6Fact[]): boolean =>
  a === b ||
  (a.length === b.length &&
    a.every((fact, i) => {
      const other = b[i];
      return fact.ip === other?.ip && fact.state === other.state && fact.origin === other.origin;
    }));
