import { describe, expect, test } from "vitest";
import { parseCidr4 } from "../../base/cidr4.ts";
import { must } from "../../base/parsed.ts";
import { instant, never } from "../../base/time.ts";
import type { Dhcp4Options, Route4 } from "../../wire/dhcp4/message.ts";
import { ack, Drive, highest, ip, lowest, middle, router } from "./drive.fixture.ts";
import { leaseFromAck } from "./grant.ts";

const sent = new Drive().start().lastSent;
const lease = (over: Dhcp4Options = {}, rng = middle, address = "192.0.2.10") =>
  must(
    leaseFromAck(
      {
        message: ack(sent, over, address),
        serverId: ip("192.0.2.1"),
        serverMac: router,
        sentAt: instant(1000),
        asked108: false,
      },
      instant(1010),
      rng,
    ),
  );
const times = (over: Dhcp4Options, rng = middle) => {
  const { acquiredAt, renewAt, rebindAt, expiresAt } = lease(over, rng);
  return [renewAt, rebindAt, expiresAt].map((t) => (t - acquiredAt) / 1000);
};
const route = (to: string, via: string): Route4 => ({ destination: must(parseCidr4(to)), router: ip(via) });
const text = (over: Dhcp4Options, address?: string) =>
  lease(over, middle, address).routes.map(
    (r) => `${r.destination.address}/${r.destination.length} ${r.router}`,
  );

describe("T1, T2 and the end", () => {
  test("0.5 and 0.875 of the lease, T1 up to 2 % early", () => {
    expect(times({ leaseTime: 1000 })).toEqual([495, 875, 1000]);
    expect(times({ leaseTime: 1000 }, lowest)).toEqual([500, 875, 1000]);
    expect(times({ leaseTime: 1000 }, highest)).toEqual([490, 875, 1000]);
  });
  test("options 58 and 59 when 0 < T1 < T2 < lease", () => {
    expect(times({ leaseTime: 1000, renewalTime: 100, rebindingTime: 200 })).toEqual([99, 200, 1000]);
    expect(times({ leaseTime: 1000, renewalTime: 100 })).toEqual([99, 875, 1000]);
  });
  test.each([
    { renewalTime: 0, rebindingTime: 200 },
    { renewalTime: 300, rebindingTime: 200 },
    { renewalTime: 200, rebindingTime: 200 },
    { renewalTime: 100, rebindingTime: 1000 },
    { renewalTime: 0xffffffff },
    { rebindingTime: 400 },
  ])("else neither: %o", (over) => {
    expect(times({ leaseTime: 1000, ...over })).toEqual([495, 875, 1000]);
  });
  test("infinite", () => {
    const { renewAt, rebindAt, expiresAt } = lease({ leaseTime: 0xffffffff, renewalTime: 5 });
    expect([renewAt, rebindAt, expiresAt]).toEqual([never, never, never]);
  });
});

describe("routes", () => {
  const routers = [ip("192.0.2.1"), ip("192.0.2.2")];
  test("the first router of option 3, after the routes of 33", () => {
    expect(text({ routers, staticRoutes: [route("198.51.100.7/32", "192.0.2.9")] })).toEqual([
      "198.51.100.7/32 192.0.2.9",
      "0.0.0.0/0 192.0.2.1",
    ]);
  });
  test("121 beats both, even without a default route", () => {
    const classlessRoutes = [route("10.0.0.0/8", "192.0.2.3")];
    const staticRoutes = [route("198.51.100.7/32", "192.0.2.9")];
    expect(text({ routers, staticRoutes, classlessRoutes })).toEqual(["10.0.0.0/8 192.0.2.3"]);
  });
  test("an on-link route of 121 makes its router reachable", () => {
    const classlessRoutes = [route("203.0.113.0/24", "0.0.0.0"), route("0.0.0.0/0", "203.0.113.1")];
    expect(text({ classlessRoutes })).toEqual(["203.0.113.0/24 0.0.0.0", "0.0.0.0/0 203.0.113.1"]);
  });
  test("a router outside the subnet is reached by a host route first, once", () => {
    const classlessRoutes = [route("0.0.0.0/0", "203.0.113.1"), route("10.0.0.0/8", "203.0.113.1")];
    expect(text({ classlessRoutes })).toEqual([
      "203.0.113.1/32 0.0.0.0",
      "0.0.0.0/0 203.0.113.1",
      "10.0.0.0/8 203.0.113.1",
    ]);
  });
  test("routers that are no hosts are left out; the client itself as router means on-link", () => {
    expect(text({ routers: [ip("0.0.0.0"), ip("255.255.255.255")] })).toEqual([]);
    expect(text({ routers: [ip("192.0.2.10")] })).toEqual(["0.0.0.0/0 0.0.0.0"]);
    expect(text({ classlessRoutes: [route("10.0.0.0/8", "192.0.2.10")] })).toEqual([]);
  });
  test.each([["255.0.255.0"], ["0.0.0.0"], [undefined]])(
    "no usable mask (%s): /32 and the router on-link",
    (mask) => {
      const { subnetMask: _, ...options } = ack(sent, { routers }).options;
      const over = {
        ...ack(sent),
        options: mask === undefined ? options : { ...options, subnetMask: ip(mask) },
      };
      const grant = {
        message: over,
        serverId: ip("192.0.2.1"),
        serverMac: router,
        sentAt: instant(0),
        asked108: false,
      };
      const parsed = must(leaseFromAck(grant, instant(0), middle));
      expect(parsed.prefixLength).toBe(32);
      expect(parsed.routes).toEqual([route("192.0.2.1/32", "0.0.0.0"), route("0.0.0.0/0", "192.0.2.1")]);
    },
  );
});

test("parameters: copied, useless ones dropped", () => {
  expect(
    lease({
      dnsServers: [ip("192.0.2.53"), ip("0.0.0.0")],
      ntpServers: [ip("192.0.2.123")],
      domainName: "example.org",
      domainSearch: ["example.org", "example.net"],
      interfaceMtu: 1400,
      v6OnlyPreferred: 1800,
    }),
  ).toMatchObject({
    prefixLength: 24,
    dnsServers: ["192.0.2.53"],
    ntpServers: ["192.0.2.123"],
    domainName: "example.org",
    domainSearch: ["example.org", "example.net"],
    mtu: 1400,
    v6OnlyPreferred: 1800,
    serverMac: router,
  });
  expect(lease({ interfaceMtu: 500 })).not.toHaveProperty("mtu");
});
