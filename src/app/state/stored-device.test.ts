import { expect, test } from "vitest";
import { admitted, camera, deviceAt, leaseAt, serving } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { must } from "../../base/parsed.ts";
import { instant, minutes, never } from "../../base/time.ts";
import { parseStateFile, renderStateFile } from "../../config/state-file.ts";
import type { Lease4 } from "../../machine/dhcp4/lease.ts";
import { ip } from "../../plan/sample.fixture.ts";
import { blank, type Device, leaseOf } from "../devices/device.ts";
import type { Moment } from "./moment.ts";
import { restoreDevice, storeDevice } from "./stored-device.ts";

const clock = new FakeClock();
const momentOf = (c: FakeClock): Moment => ({ now: c.now(), wall: c.wall() });
const leased = (over: Partial<Lease4> = {}): Device =>
  deviceAt(clock, {
    lanIp: ip("192.168.1.50"),
    hostname: "cam",
    fingerprint: {
      hostName: "cam",
      parameterList: [1, 3, 6],
      maxMessageSize: 576,
      vendorClass: Uint8Array.of(0x75, 0xff),
      clientId: Uint8Array.of(1, 2, 3),
    },
    ...serving(leaseAt(clock.now(), over)),
  });

/** By way of the file's text, into a process whose clocks read otherwise. */
function throughFile(device: Device, later: FakeClock) {
  const stored = storeDevice(device, "active", momentOf(clock));
  const text = renderStateFile({
    network: null,
    writtenAt: clock.wall(),
    devices: new Map([[device.mac, stored]]),
  });
  const read = must(parseStateFile(text)).devices.get(device.mac);
  if (!read) throw new Error("the device is not in the file");
  return restoreDevice(read, momentOf(later));
}
/** The machine was started again: its monotonic clock begins anew, the calendar goes on. */
const rebooted = (now: number, passed: number): FakeClock => new FakeClock(now, clock.wall() + passed);

test("a device and its lease come back as they were, on the new monotonic clock", () => {
  const lease: Partial<Lease4> = {
    domainName: "lan.example",
    domainSearch: ["a.example", "b.example"],
    ntpServers: [ip("192.0.2.7")],
    mtu: 1400,
    v6OnlyPreferred: 1800,
  };
  const device = leased(lease);
  const later = rebooted(500, minutes(10));
  const { device: back, lease: backLease } = throughFile(device, later);
  const { acquiredAt, renewAt, rebindAt, expiresAt } = backLease ?? {};
  expect([acquiredAt, renewAt, rebindAt, expiresAt]).toEqual(
    [-10, 20, 42, 50].map((m) => instant(500 + minutes(m))),
  );
  const times = { acquiredAt: 0, renewAt: 0, rebindAt: 0, expiresAt: 0 };
  const before = leaseOf(device);
  expect({ ...backLease, ...times }).toEqual({ ...before, ...times });
  const { ipv4, lastSeenAt, ...rest } = back;
  const { ipv4: _ipv4, lastSeenAt: _lastSeenAt, ...same } = device;
  expect(rest).toEqual(same);
  expect(ipv4).toEqual({ dhcp: { tag: "leased", lease: backLease }, installed: false });
  expect(lastSeenAt).toBe(500 - minutes(10));
});

test("an infinite lease stays infinite", () => {
  const forEver = { renewAt: never, rebindAt: never, expiresAt: never };
  const { lease } = throughFile(leased(forEver), rebooted(0, minutes(1e6)));
  expect(lease).toMatchObject(forEver);
});

test.each([
  ["an hour later", minutes(60)],
  ["a year later", minutes(525_600)],
])("a lease of an hour is worth nothing %s", (_, passed) => {
  const { device, lease } = throughFile(leased(), rebooted(0, passed));
  expect(lease).toBeUndefined();
  expect(device.stage).toEqual({ tag: "pending" });
  expect(device.ipv4).toEqual(blank.ipv4);
  expect(device.lanIp).toBe("192.168.1.50");
});

test("with the clock set back, as after a start without network time, nothing lies in the future but the lease", () => {
  const later = rebooted(2000, -minutes(525_600));
  const { device, lease } = throughFile(leased(), later);
  expect(device.lastSeenAt).toBe(later.now());
  expect(lease?.acquiredAt).toBeGreaterThan(later.now());
  expect(lease?.expiresAt).toBeGreaterThan(later.now());
});

test("a device of which only the MAC is known", () => {
  const { device, lease } = throughFile(deviceAt(clock), rebooted(0, 0));
  expect(lease).toBeUndefined();
  expect(device).toMatchObject({ mac: camera, fingerprint: {} });
  expect(device).not.toHaveProperty("lanIp");
  expect(device).not.toHaveProperty("hostname");
});

test("what is shown of it is in the file", () => {
  const failed = deviceAt(clock, admitted({ tag: "failed", reason: "no answer" }));
  expect(storeDevice(failed, "failed", momentOf(clock))).toMatchObject({
    status: "failed",
    reason: "no answer",
    ipv4_wan_address: null,
    lease4: null,
  });
  expect(storeDevice(leased(), "active", momentOf(clock))).toMatchObject({
    status: "active",
    ipv4_address: "192.168.1.50",
    ipv4_wan_address: "192.0.2.10",
    ipv6_address: null,
  });
});
