/** One device in devices.json: its schema and types. */

import * as z from "zod/mini";
import { formatCidr4 } from "../base/cidr4.ts";
import { hexOf } from "../base/hex.ts";
import type { Mac } from "../base/mac.ts";
import { formatWall } from "../base/time.ts";
import { type DeviceStatus, deviceStatuses } from "./device-status.ts";
import {
  cidr4,
  encodeWallOrNever,
  hex,
  host4,
  host6,
  ip4,
  ip6,
  ip6List,
  mac,
  maybe,
  wall,
  wallOrNever,
  words,
} from "./state-values.ts";

export { type DeviceStatus, deviceStatuses };

const lease4Schema = z.object({
  address: host4,
  prefix_length: z.int().check(z.gte(1), z.lte(32)),
  /** A router of 0.0.0.0 means on-link (RFC 3442). */
  routes: z.prefault(z.array(z.object({ destination: cidr4, router: ip4 })), []),
  dns_servers: z.prefault(z.array(ip4), []),
  ntp_servers: z.prefault(z.array(ip4), []),
  domain_name: maybe(z.string()),
  domain_search: words,
  mtu: maybe(z.int().check(z.gte(68), z.lte(65535))),
  /** Seconds of DHCP option 108. */
  v6_only_preferred: maybe(z.int().check(z.gte(0), z.lte(0xffffffff))),
  server_id: ip4,
  server_mac: mac,
  acquired_at: wall,
  renew_at: wallOrNever,
  rebind_at: wallOrNever,
  expires_at: wallOrNever,
});

const lease6Schema = z.object({
  addresses: z
    .array(z.object({ address: host6, preferred_until: wallOrNever, valid_until: wallOrNever }))
    .check(z.minLength(1)),
  dns_servers: z.prefault(z.array(ip6), []),
  domain_search: words,
  ntp_servers: z.prefault(z.array(ip6), []),
  /** The server's DUID (RFC 8415 section 11). */
  server_id: hex,
  acquired_at: wall,
  renew_at: wallOrNever,
  rebind_at: wallOrNever,
});

/** How the device asks for an address on the LAN: DHCP options 12, 55, 57, 60, 61. */
const fingerprintSchema = z.object({
  hostname: maybe(z.string()),
  parameter_list: maybe(z.array(z.int().check(z.gte(0), z.lte(255)))),
  max_message_size: maybe(z.int().check(z.gte(0), z.lte(65535))),
  vendor_class: maybe(hex),
  client_id: maybe(hex),
});

export const deviceSchema = z.object({
  mac_address: mac,
  /** On the LAN. */
  ipv4_address: maybe(host4),
  ipv4_wan_address: maybe(host4),
  /** One address, or several with commas between them. */
  ipv6_address: maybe(ip6List),
  status: z.enum(deviceStatuses),
  reason: maybe(z.string()),
  hostname: maybe(z.string()),
  discovered_at: maybe(wall),
  last_seen: maybe(wall),
  fingerprint: maybe(fingerprintSchema),
  lease4: maybe(lease4Schema),
  lease6: maybe(lease6Schema),
});

export type StoredLease4 = z.output<typeof lease4Schema>;
export type StoredLease6 = z.output<typeof lease6Schema>;
export type StoredFingerprint = z.output<typeof fingerprintSchema>;
export type StoredDevice = z.output<typeof deviceSchema>;

/** Its addresses on the WAN, IPv4 before IPv6. */
export const wanAddresses = ({ ipv4_wan_address, ipv6_address }: StoredDevice): readonly string[] => [
  ...(ipv4_wan_address === null ? [] : [ipv4_wan_address]),
  ...(ipv6_address ?? "").split(",").filter((ip) => ip !== ""),
];

/** A device of which only the MAC is known. */
export const blankDevice = (mac_address: Mac): StoredDevice => ({
  mac_address,
  ipv4_address: null,
  ipv4_wan_address: null,
  ipv6_address: null,
  status: "pending",
  reason: null,
  hostname: null,
  discovered_at: null,
  last_seen: null,
  fingerprint: null,
  lease4: null,
  lease6: null,
});

/** What people are shown of a device first, as JSON: all but how it asks and what it was granted. */
export const encodeSummary = (d: StoredDevice) => ({
  mac_address: d.mac_address,
  ipv4_address: d.ipv4_address,
  ipv4_wan_address: d.ipv4_wan_address,
  ipv6_address: d.ipv6_address,
  status: d.status,
  reason: d.reason,
  hostname: d.hostname,
  discovered_at: d.discovered_at === null ? null : formatWall(d.discovered_at),
  last_seen: d.last_seen === null ? null : formatWall(d.last_seen),
});

/**
 * The device as JSON: the same as `z.encode(deviceSchema, device)`, without the checks of what is typed already. A burst of devices is written several times
 * within seconds, and the checks would take most of it.
 */
export const encodeDevice = (d: StoredDevice): z.input<typeof deviceSchema> => ({
  ...encodeSummary(d),
  fingerprint: d.fingerprint && {
    ...d.fingerprint,
    vendor_class: d.fingerprint.vendor_class && hexOf(d.fingerprint.vendor_class),
    client_id: d.fingerprint.client_id && hexOf(d.fingerprint.client_id),
  },
  lease4: d.lease4 && {
    ...d.lease4,
    routes: d.lease4.routes.map(({ destination, router }) => ({
      destination: formatCidr4(destination),
      router,
    })),
    ...encodeTimes(d.lease4),
    expires_at: encodeWallOrNever(d.lease4.expires_at),
  },
  lease6: d.lease6 && {
    ...d.lease6,
    addresses: d.lease6.addresses.map((a) => ({
      address: a.address,
      preferred_until: encodeWallOrNever(a.preferred_until),
      valid_until: encodeWallOrNever(a.valid_until),
    })),
    server_id: hexOf(d.lease6.server_id),
    ...encodeTimes(d.lease6),
  },
});

type Times = Pick<StoredLease4, "acquired_at" | "renew_at" | "rebind_at">;

const encodeTimes = ({ acquired_at, renew_at, rebind_at }: Times) => ({
  acquired_at: formatWall(acquired_at),
  renew_at: encodeWallOrNever(renew_at),
  rebind_at: encodeWallOrNever(rebind_at),
});
