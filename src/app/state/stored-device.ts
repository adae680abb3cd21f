/** Devices and leases between memory (monotonic time) and devices.json (wall time). */
import { type Instant, instant, never, type WallTime, wallTime } from "../../base/time.ts";
import type { StoredDevice, StoredFingerprint, StoredLease4 } from "../../config/state-device.ts";
import type { Fingerprint } from "../../machine/dhcp4/interface.ts";
import type { Lease4 } from "../../machine/dhcp4/lease.ts";
import { type Device, type DeviceStatus, leaseOf, reasonOf } from "../devices/device.ts";

/** Both clocks at one moment. */
export interface Moment {
  readonly now: Instant;
  readonly wall: WallTime;
}

const toWall = (at: Instant, m: Moment): WallTime =>
  wallTime(at === never ? at : Math.round(m.wall + (at - m.now)));
const toInstant = (at: WallTime, m: Moment): Instant => instant(m.now + (at - m.wall));

export function storeDevice(device: Device, status: DeviceStatus, m: Moment): StoredDevice {
  const lease = leaseOf(device);
  return {
    mac_address: device.mac,
    ipv4_address: device.lanIp ?? null,
    ipv4_wan_address: lease?.address ?? null,
    ipv6_address: null,
    status,
    reason: reasonOf(device) ?? null,
    hostname: device.hostname ?? null,
    discovered_at: device.discoveredAt,
    last_seen: device.lastSeen,
    fingerprint: storeFingerprint(device.fingerprint),
    lease4: lease ? storeLease(lease, m) : null,
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

/** The device as it was, its lease not yet installed. An expired lease is left out. */
export function restoreDevice(
  stored: StoredDevice,
  m: Moment,
): { device: Device; lease: Lease4 | undefined } {
  const lease = stored.lease4 ? restoreLease(stored.lease4, m) : undefined;
  const usable = lease && lease.expiresAt > m.now ? lease : undefined;
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
    stage: usable ? { tag: "leased", lease: usable, installed: false } : { tag: "pending", admitted: false },
  };
  return { device, lease: usable };
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
