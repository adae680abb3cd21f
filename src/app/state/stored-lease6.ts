import type { StoredLease6 } from "../../config/state-device.ts";
import type { Lease6 } from "../../machine/dhcp6/lease.ts";
import { type Moment, toInstant, toWall } from "./moment.ts";

export const storeLease6 = (lease: Lease6, m: Moment): StoredLease6 => ({
  addresses: lease.addresses.map((a) => ({
    address: a.address,
    preferred_until: toWall(a.preferredUntil, m),
    valid_until: toWall(a.validUntil, m),
  })),
  dns_servers: [...lease.dnsServers],
  domain_search: [...lease.domainSearch],
  ntp_servers: [...lease.ntpServers],
  server_id: lease.serverId,
  acquired_at: toWall(lease.acquiredAt, m),
  renew_at: toWall(lease.renewAt, m),
  rebind_at: toWall(lease.rebindAt, m),
});

/** With the addresses that are still valid; undefined when none is. */
export function restoreLease6(s: StoredLease6, m: Moment): Lease6 | undefined {
  const addresses = s.addresses
    .map((a) => ({
      address: a.address,
      preferredUntil: toInstant(a.preferred_until, m),
      validUntil: toInstant(a.valid_until, m),
    }))
    .filter((a) => a.validUntil > m.now);
  if (addresses.length === 0) return undefined;
  return {
    addresses,
    dnsServers: s.dns_servers,
    domainSearch: s.domain_search,
    ntpServers: s.ntp_servers,
    serverId: s.server_id,
    acquiredAt: toInstant(s.acquired_at, m),
    renewAt: toInstant(s.renew_at, m),
    rebindAt: toInstant(s.rebind_at, m),
  };
}
