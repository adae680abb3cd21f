/** Devices and leases between memory (monotonic time) and devices.json (wall time). */
import { instant } from "../../base/time.ts";
import type { StoredDevice, StoredFingerprint, StoredLease4 } from "../../config/state-device.ts";
import type { Fingerprint } from "../../machine/dhcp4/interface.ts";
import type { Lease4 } from "../../machine/dhcp4/lease.ts";
import type { Lease6 } from "../../machine/dhcp6/lease.ts";
import { blank, type Device, lease6Of, leaseOf } from "../devices/device.ts";
import { type DeviceStatus, type Offered, reasonOf } from "../devices/status.ts";
import { type Moment, toInstant, toWall } from "./moment.ts";
import { restoreLease6, storeLease6 } from "./stored-lease6.ts";

export function storeDevice(
  device: Device,
  status: DeviceStatus,
  m: Moment,
  offered?: Offered,
): StoredDevice {
  const lease = leaseOf(device);
  const lease6 = lease6Of(device);
  const addresses6 = device.ipv6.addresses.filter((a) => a.state !== "duplicate").map((a) => a.ip);
  return {
    mac_address: device.mac,
    ipv4_address: device.lanIp ?? null,
    ipv4_wan_address: lease?.address ?? null,
    ipv6_address: addresses6.length > 0 ? addresses6.join(",") : null,
    status,
    reason: reasonOf(device, offered) ?? null,
    hostname: device.hostname ?? null,
    discovered_at: device.discoveredAt,
    last_seen: device.lastSeen,
    fingerprint: storeFingerprint(device.fingerprint),
    lease4: lease ? storeLease(lease, m) : null,
    lease6: lease6 ? storeLease6(lease6, m) : null,
  };
}

const storeFingerprint = (f: Fingerprint): StoredFingerprint => ({
  hostname: f.hostName ?? null,
  parameter_list: f.parameterList ? [...f.parameterList] : null,
  max_message_size: f.maxMessageSize ?? null,
  vendor_class: f.vendorClass ?? null,
  client_id: f.clientId ?? null,
});

const storeLease = (lease: Lease4, m: Moment): StoredLease4 => ({
  address: lease.address,
  prefix_length: lease.prefixLength,
  routes: lease.routes.map((r) => ({ destination: r.destination, router: r.router })),
  dns_servers: [...lease.dnsServers],
  ntp_servers: [...lease.ntpServers],
  domain_name: lease.domainName ?? null,
  domain_search: [...lease.domainSearch],
  mtu: lease.mtu ?? null,
  v6_only_preferred: lease.v6OnlyPreferred ?? null,
  server_id: lease.serverId,
  server_mac: lease.serverMac,
  acquired_at: toWall(lease.acquiredAt, m),
  renew_at: toWall(lease.renewAt, m),
  rebind_at: toWall(lease.rebindAt, m),
  expires_at: toWall(lease.expiresAt, m),
});

/** A device as it was, and the leases that are still good. */
export interface Restored {
  readonly device: Device;
  readonly lease: Lease4 | undefined;
  readonly lease6: Lease6 | undefined;
}

/** Its leases are not yet installed; expired ones are left out. */
export function restoreDevice(stored: StoredDevice, m: Moment): Restored {
  const lease = stored.lease4 ? restoreLease(stored.lease4, m) : undefined;
  const usable = lease && lease.expiresAt > m.now ? lease : undefined;
  const lease6 = stored.lease6 ? restoreLease6(stored.lease6, m) : undefined;
  const lastSeen = stored.last_seen ?? m.wall;
  const device: Device = {
    mac: stored.mac_address,
    ...(stored.ipv4_address ? { lanIp: stored.ipv4_address } : {}),
    ...(stored.hostname !== null ? { hostname: stored.hostname } : {}),
    fingerprint: stored.fingerprint ? restoreFingerprint(stored.fingerprint) : {},
    discoveredAt: stored.discovered_at ?? m.wall,
    lastSeen,
    // A clock that was set back must not make a device look as if it were seen in the future.
    lastSeenAt: instant(Math.min(m.now, toInstant(lastSeen, m))),
    stage: { tag: usable || lease6 ? "admitted" : "pending" },
    ipv4: usable ? { dhcp: { tag: "leased", lease: usable }, installed: false } : blank.ipv4,
    ipv6: lease6 ? { ...blank.ipv6, dhcp: { tag: "leased", lease: lease6 } } : blank.ipv6,
  };
  return { device, lease: usable, lease6 };
}

const restoreFingerprint = (f: StoredFingerprint): Fingerprint => ({
  ...(f.hostname !== null ? { hostName: f.hostname } : {}),
  ...(f.parameter_list ? { parameterList: f.parameter_list } : {}),
  ...(f.max_message_size !== null ? { maxMessageSize: f.max_message_size } : {}),
  ...(f.vendor_class ? { vendorClass: f.vendor_class } : {}),
  ...(f.client_id ? { clientId: f.client_id } : {}),
});

const restoreLease = (s: StoredLease4, m: Moment): Lease4 => ({
  address: s.address,
  prefixLength: s.prefix_length,
  routes: s.routes,
  dnsServers: s.dns_servers,
  ntpServers: s.ntp_servers,
  ...(s.domain_name !== null ? { domainName: s.domain_name } : {}),
  domainSearch: s.domain_search,
  ...(s.mtu !== null ? { mtu: s.mtu } : {}),
  ...(s.v6_only_preferred !== null ? { v6OnlyPreferred: s.v6_only_preferred } : {}),
  serverId: s.server_id,
  serverMac: s.server_mac,
  acquiredAt: toInstant(s.acquired_at, m),
  renewAt: toInstant(s.renew_at, m),
  rebindAt: toInstant(s.rebind_at, m),
  expiresAt: toInstant(s.expires_at, m),
});
