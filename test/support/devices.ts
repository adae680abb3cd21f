/** Devices and leases for tests. */
import { blank, type Device, type Ipv4State } from "../../src/app/devices/device.ts";
import type { Ip6 } from "../../src/base/ip6.ts";
import type { Mac } from "../../src/base/mac.ts";
import { type Instant, minutes, plus } from "../../src/base/time.ts";
import type { Lease4 } from "../../src/machine/dhcp4/lease.ts";
import type { Lease6 } from "../../src/machine/dhcp6/lease.ts";
import { anywhere, ip, mac, router } from "../../src/plan/sample.fixture.ts";
import { serverMac } from "./dhcp-server.ts";
import type { FakeClock } from "./fake-clock.ts";

export const camera: Mac = mac("00:11:22:33:44:51");
export const printer: Mac = mac("00:11:22:33:44:52");

/** Of one hour, from `now`. */
export const leaseAt = (now: Instant, over: Partial<Lease4> = {}): Lease4 => ({
  address: ip("192.0.2.10"),
  prefixLength: 24,
  routes: [{ destination: anywhere, router }],
  dnsServers: [ip("192.0.2.53")],
  ntpServers: [],
  domainSearch: [],
  serverId: router,
  serverMac,
  acquiredAt: now,
  renewAt: plus(now, minutes(30)),
  rebindAt: plus(now, minutes(52)),
  expiresAt: plus(now, minutes(60)),
  ...over,
});

/** Preferred for half an hour and valid for one, from `now`. */
export const lease6At = (now: Instant, over: Partial<Lease6> = {}): Lease6 => ({
  addresses: [
    {
      address: "2001:db8:1::57" as Ip6,
      preferredUntil: plus(now, minutes(30)),
      validUntil: plus(now, minutes(60)),
    },
  ],
  serverId: Uint8Array.of(0, 1, 0, 1, 9, 9),
  dnsServers: [],
  domainSearch: [],
  ntpServers: [],
  acquiredAt: now,
  renewAt: plus(now, minutes(15)),
  rebindAt: plus(now, minutes(24)),
  ...over,
});

/** Seen just now, waiting for its turn. */
export const deviceAt = (clock: FakeClock, over: Partial<Device> = {}): Device => ({
  mac: camera,
  fingerprint: {},
  discoveredAt: clock.wall(),
  lastSeen: clock.wall(),
  lastSeenAt: clock.now(),
  stage: { tag: "pending" },
  ...blank,
  ...over,
});

/** With an interface, and asking or holding so much on IPv4. */
export const admitted = (
  dhcp: Ipv4State["dhcp"] = { tag: "idle" },
  installed = false,
): Pick<Device, "stage" | "ipv4"> => ({ stage: { tag: "admitted" }, ipv4: { dhcp, installed } });

/** Its lease is in the kernel. */
export const serving = (lease: Lease4): Pick<Device, "stage" | "ipv4"> =>
  admitted({ tag: "leased", lease }, true);
