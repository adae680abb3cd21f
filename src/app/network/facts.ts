/** What the WAN offers, as all devices together have found it. */
import type { Ip4 } from "../../base/ip4.ts";
import type { NetworkFacts, Offer } from "../../config/state-network.ts";
import { type Device, lease6Of, leaseOf } from "../devices/device.ts";
import type { Network6 } from "../uplink6/network.ts";

export const nothingKnown: NetworkFacts = {
  ipv4: { offer: "unknown", routers: [], servers: [] },
  ipv6: { offer: "unknown", routers: [], slaac: [], stateful: "no", stateless: false, nat64: [] },
};

export function networkFacts(devices: readonly Device[], seen: Network6): NetworkFacts {
  const routers = new Set<Ip4>();
  const servers = new Set<Ip4>();
  let [leased6, working6, failed4, failed6] = [false, false, false, false];
  for (const device of devices) {
    const lease = leaseOf(device);
    if (lease) {
      servers.add(lease.serverId);
      for (const r of lease.routes) if (r.destination.length === 0) routers.add(r.router);
    }
    leased6 ||= lease6Of(device) !== undefined;
    working6 ||= device.ipv6.installed;
    failed4 ||= device.ipv4.dhcp.tag === "failed";
    failed6 ||= device.ipv6.dhcp.tag === "failed";
  }
  const announced = seen.managed ? "announced" : "no";
  return {
    ipv4: { offer: offer(servers.size > 0, failed4), routers: [...routers], servers: [...servers] },
    ipv6: {
      offer: offer(working6 || leased6 || seen.autonomous.length > 0, failed6),
      routers: seen.routers.map((r) => r.address),
      slaac: [...seen.autonomous],
      stateful: leased6 ? "answers" : announced,
      stateless: seen.otherConfig && !seen.managed,
      nat64: [...seen.pref64],
    },
  };
}

const offer = (found: boolean, inVain: boolean): Offer => (found ? "yes" : inVain ? "no" : "unknown");
