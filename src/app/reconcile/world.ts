/**
 * Our part of the kernel as it is after the last whole look and what was done and seen since. Between two whole looks a pass for a few devices
 * starts from here, so that its cost does not grow with the number of the others.
 */
import type { Instant } from "../../base/time.ts";
import type { Address6Fact } from "../../plan/desired6.ts";
import type { Action } from "../../plan/diff.ts";
import { identityMac, translatorName } from "../../plan/marks.ts";
import type { Observed, PortFacts } from "../../plan/observe.ts";
import { address6Of } from "../../plan/observe6.ts";
import { type Resource, resourceKey } from "../../plan/resource.ts";
import type { Address6 } from "../../plan/resource6.ts";
import type { KernelEvent } from "../../ports/kernel.ts";
import { Recent } from "./recent.ts";

export class World implements Observed {
  readonly ports: ReadonlyMap<string, PortFacts>;
  readonly foreignAddresses: ReadonlySet<string>;
  readonly addresses6: Map<string, readonly Address6Fact[]>;
  readonly saved: ReadonlyMap<string, string>;
  readonly #byKey = new Map<string, Resource>();
  /** Keys of what lies on an interface. */
  readonly #byIfname = new Map<string, Set<string>>();
  readonly #preferences = new Map<number, number>();
  readonly #touched = new Recent();

  constructor({ resources, ports, foreignAddresses, addresses6, saved }: Observed) {
    this.ports = ports;
    this.foreignAddresses = foreignAddresses;
    this.addresses6 = new Map(addresses6);
    this.saved = saved;
    for (const resource of resources) this.#put(resource);
  }

  get resources(): readonly Resource[] {
    return [...this.#byKey.values()];
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** What is on these interfaces, and what of the keys is there; each once. */
  of(ifnames: Iterable<string>, keys: Iterable<string>): Resource[] {
    const wanted = new Set(keys);
    for (const ifname of ifnames) for (const key of this.#byIfname.get(ifname) ?? []) wanted.add(key);
    return [...wanted].flatMap((key) => this.#byKey.get(key) ?? []);
  }

  /** The IPv6 addresses that these interfaces have now. */
  seen6(
    ifnames: Iterable<string>,
    { resources, addresses6 }: Pick<Observed, "resources" | "addresses6">,
  ): void {
    for (const ifname of ifnames) {
      for (const key of [...(this.#byIfname.get(ifname) ?? [])])
        if (this.#byKey.get(key)?.kind === "address6") this.#delete(key);
      this.addresses6.set(ifname, addresses6.get(ifname) ?? []);
    }
    for (const resource of resources) if (resource.kind === "address6") this.#put(resource);
  }

  /** The kernel tells of one IPv6 address, all that there is to know of it. */
  told6(ifname: string, fact: Address6Fact, gone: boolean): void {
    if (!this.has(`identity ${ifname}`)) return;
    const others = (this.addresses6.get(ifname) ?? []).filter(({ ip }) => ip !== fact.ip);
    this.addresses6.set(ifname, gone ? others : [...others, fact]);
    const resource = address6Of(ifname, fact);
    if (!resource) return;
    if (gone) this.#delete(resourceKey(resource));
    else this.#put(resource);
  }

  /** What these actions make of it. */
  expect(actions: readonly Action[], now: Instant): void {
    this.did(actions, now);
    for (const { kind, resource } of actions) {
      if (kind === "put") this.#put(resource);
      else this.#delete(resourceKey(resource));
      if (resource.kind === "address6") this.#expect6(kind, resource);
      if (kind === "delete" && (resource.kind === "identity" || resource.kind === "tunnel"))
        this.#forget(resource.ifname);
    }
  }

  /** A new address is checked first: that the kernel tells of it so is no news. */
  #expect6(kind: Action["kind"], { ifname, ip, length, origin }: Address6): void {
    const facts = this.addresses6.get(ifname) ?? [];
    const isKnown = facts.some((fact) => fact.ip === ip);
    if (kind === "delete" && isKnown)
      this.addresses6.set(
        ifname,
        facts.filter((fact) => fact.ip !== ip),
      );
    if (kind === "put" && !isKnown)
      this.addresses6.set(ifname, [...facts, { ip, length, origin, state: "tentative" }]);
  }

  /** To be told again once they are carried out, which may take a while: until some time after, the kernel tells of them. */
  did(actions: readonly Action[], now: Instant): void {
    for (const action of actions) {
      const { kind, resource } = action;
      const isReplaced =
        action.kind === "put" &&
        action.was !== undefined &&
        (resource.kind === "element" || resource.kind === "rule");
      if (resource.kind === "identity" || resource.kind === "tunnel") this.#touched.add(resource.ifname, now);
      else if (kind === "delete" || isReplaced) this.#touched.add(goneSubject(subjectOf(resource)), now);
    }
  }

  /**
   * Whether an event tells of nothing but what is known: by our own doing, or the kernel's own affair. What speaks against what is known is ours only on the way
   * there: an interface that is not up yet, or something that was taken away to be put back otherwise.
   */
  explains(event: KernelEvent, now: Instant): boolean {
    const lately = (subject: string): boolean => this.#touched.has(subject, now);
    switch (event.kind) {
      case "link":
        if (event.ifname === translatorName) return this.#knowsLink(`tunnel ${event.ifname}`, event, now);
        return identityMac(event.ifname)
          ? this.#knowsLink(`identity ${event.ifname}`, event, now)
          : this.#isAsBefore(event);
      case "address":
        if (!identityMac(event.ifname) || event.family === 6) return false;
        return this.has(`address ${event.ifname} ${event.ip}`) === !event.gone;
      case "route":
        if (event.key === undefined)
          return event.ifname !== undefined && identityMac(event.ifname) !== undefined;
        return this.has(event.key) === !event.gone;
      case "rule":
        if (this.#preferences.has(event.preference) === !event.gone) return true;
        return event.gone && lately(goneSubject(`rule ${event.preference}`));
      case "setting":
        return lately(event.ifname);
      case "nftables":
        return event.keys.length > 0 && event.keys.every((key) => this.#knowsElement(key, event.gone, now));
      case "neighbour":
      case "resync":
        return false;
    }
  }

  /** Its carrier is its port's. */
  #knowsLink(
    key: string,
    { ifname, up, gone }: Extract<KernelEvent, { kind: "link" }>,
    now: Instant,
  ): boolean {
    if (this.has(key) === !gone && up === !gone) return true;
    return !gone && this.#touched.has(ifname, now);
  }

  #knowsElement(key: string, gone: boolean, now: Instant): boolean {
    return this.has(key) === !gone || (gone && this.#touched.has(goneSubject(key), now));
  }

  /** Ports are told of whenever an identity comes or goes. Nothing in the kernel hangs on their carrier. */
  #isAsBefore({ ifname, up, gone, mtu, group }: Extract<KernelEvent, { kind: "link" }>): boolean {
    const port = this.ports.get(ifname);
    const resource = this.#byKey.get(`port ${ifname}`);
    if (gone || !port || resource?.kind !== "port") return false;
    return port.up === up && port.mtu === mtu && (resource.group ?? group) === group;
  }

  #put(resource: Resource): void {
    const key = resourceKey(resource);
    // A route may have moved from one interface to another.
    this.#delete(key);
    this.#count(resource, 1);
    this.#byKey.set(key, resource);
    if (!("ifname" in resource)) return;
    const keys = this.#byIfname.get(resource.ifname) ?? new Set();
    this.#byIfname.set(resource.ifname, keys.add(key));
  }

  #delete(key: string): void {
    const resource = this.#byKey.get(key);
    if (resource) this.#count(resource, -1);
    this.#byKey.delete(key);
    if (resource && "ifname" in resource) this.#byIfname.get(resource.ifname)?.delete(key);
  }

  #count(resource: Resource, change: number): void {
    if (resource.kind !== "rule" && resource.kind !== "rule6") return;
    const count = (this.#preferences.get(resource.preference) ?? 0) + change;
    if (count === 0) this.#preferences.delete(resource.preference);
    else this.#preferences.set(resource.preference, count);
  }

  /** All that lies on an interface goes with it. */
  #forget(ifname: string): void {
    for (const key of this.#byIfname.get(ifname) ?? []) this.#byKey.delete(key);
    this.#byIfname.delete(ifname);
    this.addresses6.delete(ifname);
  }
}

/** What an event would name. */
const subjectOf = (resource: Resource): string =>
  resource.kind === "rule" || resource.kind === "rule6"
    ? `rule ${resource.preference}`
    : resourceKey(resource);

const goneSubject = (subject: string): string => `gone ${subject}`;
