/** What the WAN offers, as all devices together have found it. */
import type { Ip4 } from "../../base/ip4.ts";
import { Tally } from "../../base/tally.ts";
import type { NetworkFacts, Offer } from "../../config/state-network.ts";
import { type Device, lease6Of, leaseOf } from "../devices/device.ts";
import type { Network6 } from "../uplink6/network.ts";
import type { Nat64 } from "../xlat/nat64.ts";

export const nothingKnown: NetworkFacts = {
  ipv4: { offer: "unknown", routers: [], servers: [] },
  ipv6: { offer: "unknown", routers: [], slaac: [], stateful: "no", stateless: false, nat64: [] },
};

/** What the devices have found, counted, so that the change of one does not cost a look at all. */
export class DeviceFindings {
  readonly #routers = new Tally<Ip4>();
  readonly #servers = new Tally<Ip4>();
  readonly #states = new Tally<State>();

  get routers(): readonly Ip4[] {
    return this.#routers.keys;
  }
  get servers(): readonly Ip4[] {
    return this.#servers.keys;
  }
  /** Whether this holds for some device. */
  some(state: State): boolean {
    return this.#states.has(state);
  }

  /** What is new comes before what is gone: whatever both have keeps its place. */
  change(now: Device | undefined, was: Device | undefined): void {
    if (now && now.ipv4 === was?.ipv4 && now.ipv6 === was.ipv6) return;
    if (now) this.#count(now, 1);
    if (was) this.#count(was, -1);
  }

  #count(device: Device, by: number): void {
    const lease = leaseOf(device);
    if (lease) this.#servers.add(lease.serverId, by);
    for (const r of lease?.routes ?? []) if (r.destination.length === 0) this.#routers.add(r.router, by);
    for (const state of statesOf(device)) this.#states.add(state, by);
  }
}

type State = "leased6" | "working6" | "failed4" | "failed6";

function statesOf(device: Device): readonly State[] {
  const { ipv4, ipv6 } = device;
  const states: State[] = [];
  if (lease6Of(device)) states.push("leased6");
  if (ipv6.installed) states.push("working6");
  if (ipv4.dhcp.tag === "failed") states.push("failed4");
  if (ipv6.dhcp.tag === "failed") states.push("failed6");
  return states;
}

export function networkFacts(found: DeviceFindings, seen: Network6, nat64: Nat64): NetworkFacts {
  const leased6 = found.some("leased6");
  const { routers, servers } = found;
  const announced = seen.managed ? "announced" : "no";
  return {
    ipv4: {
      offer: offer(servers.length > 0, found.some("failed4")),
      routers: [...routers],
      servers: [...servers],
    },
    ipv6: {
      offer: offer(found.some("working6") || leased6 || seen.autonomous.length > 0, found.some("failed6")),
      routers: seen.routers.map((r) => r.address),
      slaac: [...seen.autonomous],
      stateful: leased6 ? "answers" : announced,
      stateless: seen.otherConfig && !seen.managed,
      nat64: [...nat64.prefixes],
      ...(nat64.source ? { nat64_source: nat64.source } : {}),
    },
  };
}

const offer = (found: boolean, inVain: boolean): Offer => (found ? "yes" : inVain ? "no" : "unknown");
