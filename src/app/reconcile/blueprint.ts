/** The desired state in parts: one for each device and one for what they share, so that a change of a few devices is planned without the others. */
import type { Ip4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";
import {
  type DevicePlan,
  type GatewayPlan,
  lanOf,
  planDevice,
  planHost,
  planShared,
  type Surroundings,
  tableEntries,
} from "../../plan/desired.ts";
import { bySource } from "../../plan/identity6.ts";
import { byKey, type Element, type Resource, resourceKey } from "../../plan/resource.ts";
import { planFrame, RuleTree } from "../../plan/rule-tree.ts";

export interface DevicePart {
  readonly plan: DevicePlan;
  /** What leads to it from outside. */
  readonly inbound: readonly Element[];
}

/** Whose identities the gateway's own traffic uses. */
export interface Lenders {
  readonly lender?: DevicePlan | undefined;
  readonly lender6?: DevicePlan | undefined;
}

export interface PartialPlan {
  readonly desired: Map<string, Resource>;
  /** Keys of what was wanted of the same devices before, some of which is wanted no more. */
  readonly former: ReadonlySet<string>;
}

export class Blueprint {
  readonly #gateway: GatewayPlan;
  #tree: RuleTree;
  /** What is wanted of each device, by key. */
  readonly #keys = new Map<Mac, readonly string[]>();
  /** Who stands where in the tree. */
  readonly #seats = new Map<Mac, Ip4>();
  readonly #holders = new Map<Ip4, Mac>();
  readonly #routed6 = new Set<Mac>();
  #shared: readonly string[] = [];
  #around: Pick<Surroundings, "translation"> = {};

  constructor(gateway: GatewayPlan) {
    this.#gateway = gateway;
    this.#tree = new RuleTree(lanOf(gateway), gateway.lanPort);
  }

  /** @param common what leads to devices and is no single one's */
  whole(
    parts: readonly DevicePart[],
    lenders: Lenders,
    around: Surroundings,
    common: readonly Element[],
  ): Map<string, Resource> {
    this.#keys.clear();
    this.#seats.clear();
    this.#holders.clear();
    this.#routed6.clear();
    this.#around = around;
    this.#tree = new RuleTree(lanOf(this.#gateway), this.#gateway.lanPort);
    const devices = parts.map((part) => this.#device(part, around));
    for (const { plan } of parts) this.#seat(plan.mac, plan);
    return byKey([
      ...planHost(this.#gateway, around),
      ...planFrame(this.#tree.lan, this.#tree.lanPort),
      ...devices.flat(),
      ...this.#tree.rules(),
      ...this.#planShared(lenders, around),
      ...common,
    ]);
  }

  /** @param changed undefined: it has no identity any more */
  some(
    changed: ReadonlyMap<Mac, DevicePart | undefined>,
    lenders: Lenders,
    around: Surroundings,
  ): PartialPlan {
    const former = new Set(this.#shared);
    this.#around = around;
    const resources: Resource[] = [];
    const seats = new Set<Ip4>();
    for (const [mac, part] of changed) {
      for (const key of this.#keys.get(mac) ?? []) former.add(key);
      for (const ip of this.#seatsOf(mac, part?.plan)) seats.add(ip);
    }
    for (const ip of seats) for (const rule of this.#tree.path(ip)) former.add(resourceKey(rule));
    for (const [mac, part] of changed) {
      if (part) resources.push(...this.#device(part, around));
      else this.#forget(mac);
    }
    for (const [mac, part] of changed) this.#seat(mac, part?.plan);
    for (const ip of seats) resources.push(...this.#tree.path(ip));
    resources.push(...this.#planShared(lenders, around));
    return { desired: byKey(resources), former };
  }

  #device({ plan, inbound }: DevicePart, around: Surroundings): readonly Resource[] {
    const resources = [...planDevice(this.#gateway, plan, around), ...inbound];
    this.#keys.set(plan.mac, resources.map(resourceKey));
    if (resources.some(({ kind }) => kind === "route6")) this.#routed6.add(plan.mac);
    else this.#routed6.delete(plan.mac);
    return resources;
  }

  #forget(mac: Mac): void {
    this.#keys.delete(mac);
    this.#routed6.delete(mac);
  }

  /** Where a device stands in the tree, and where it is about to. */
  #seatsOf(mac: Mac, plan: DevicePlan | undefined): readonly Ip4[] {
    const was = this.#seats.get(mac);
    const now = plan ? tableEntries(this.#tree.lan, plan, this.#around).map(([ip]) => ip) : [];
    return was === now[0] ? [] : was ? [was, ...now] : now;
  }

  /** A LAN address that another device has taken meanwhile stays with that one. */
  #seat(mac: Mac, plan: DevicePlan | undefined): void {
    const [entry] = plan ? tableEntries(this.#tree.lan, plan, this.#around) : [];
    const was = this.#seats.get(mac);
    if (was && was !== entry?.[0]) {
      this.#seats.delete(mac);
      if (this.#holders.get(was) === mac) {
        this.#holders.delete(was);
        this.#tree.set(was, undefined);
      }
    }
    if (!entry) return;
    this.#seats.set(mac, entry[0]);
    this.#holders.set(entry[0], mac);
    this.#tree.set(...entry);
  }

  #planShared(lenders: Lenders, around: Surroundings): readonly Resource[] {
    const shared = [
      ...planShared(this.#gateway, lenders.lender, lenders.lender6, around),
      ...(this.#routed6.size > 0 ? [bySource] : []),
    ];
    this.#shared = shared.map(resourceKey);
    return shared;
  }
}
