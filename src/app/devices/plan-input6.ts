/** What of a device's IPv6 the plan wants, and what of the kernel's the device wants. */
import { type Cidr6, contains6 } from "../../base/cidr6.ts";
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import type { Instant } from "../../base/time.ts";
import type { Address6Fact, Ipv6Plan, Network6Plan } from "../../plan/desired6.ts";
import { waysOf } from "../../plan/ways6.ts";
import { type Device, lease6Of, type OwnAddress6 } from "./device.ts";

/** Addresses of a prefix that was withdrawn are not kept (RFC 9096). */
export function ipv6Plan(
  device: Device,
  facts: readonly Address6Fact[],
  withdrawn: readonly Cidr6[],
  now: Instant,
): Ipv6Plan {
  const leased = (lease6Of(device)?.addresses ?? []).filter((a) => a.validUntil > now);
  const kept = facts.filter(
    (f) => f.origin === "slaac" && f.state !== "tentative" && f.state !== "duplicate",
  );
  return {
    leased: leased.map((a) => ({ address: a.address, deprecated: a.preferredUntil <= now })),
    slaac: kept.filter((f) => !withdrawn.some((net) => contains6(net, f.ip))).map((f) => f.ip),
  };
}

/** The addresses beyond the link, in a fixed order; those about to be removed are left out. */
export function ownAddresses6(facts: readonly Address6Fact[], withdrawn: readonly Cidr6[]): OwnAddress6[] {
  const own: OwnAddress6[] = [];
  for (const { ip, origin, state } of facts) {
    if (origin !== "slaac" && origin !== "leased") continue;
    if (origin === "slaac" && withdrawn.some((net) => contains6(net, ip))) continue;
    own.push({ ip, origin, state });
  }
  return own.sort((a, b) => (a.ip < b.ip ? -1 : 1));
}

/** The longest known device with a usable IPv6 address in a prefix that is advertised now; stays the same while it has one. */
export function lender6(devices: readonly Device[], network: Network6Plan): Mac | undefined {
  const { isCurrent } = waysOf(network);
  let best: Device | undefined;
  for (const d of devices) {
    // What takes longer is asked last: most were there later than the best so far.
    if (!d.ipv6.installed || (best && d.discoveredAt >= best.discoveredAt)) continue;
    if (d.ipv6.addresses.some((a) => a.state === "usable" && isCurrent(a.ip))) best = d;
  }
  return best?.mac;
}

/** Name servers that DHCPv6 named, by lease or on request. */
export const resolvers6 = (device: Device): readonly Ip6[] => [
  ...(lease6Of(device)?.dnsServers ?? []),
  ...(device.ipv6.information?.dnsServers ?? []),
];
