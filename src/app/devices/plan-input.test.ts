import { expect, test } from "vitest";
import { admitted, camera, deviceAt, leaseAt, printer } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import type { WallTime } from "../../base/time.ts";
import { ip, mac } from "../../plan/sample.fixture.ts";
import { blank, type Device, hasIdentity } from "./device.ts";
import { devicePlan, lender, refuseAddress } from "./plan-input.ts";

const clock = new FakeClock();
const lan = { ip: ip("192.168.1.1"), length: 24 };
const leased = (over = {}, installed = true): Partial<Device> =>
  admitted({ tag: "leased", lease: leaseAt(clock.now(), over) }, installed);
const device = (state: Partial<Device>, over: Partial<Device> = {}): Device =>
  deviceAt(clock, { ...state, ...over });

test("who has or is about to have an interface is in the plan; who waits or is refused is not", () => {
  const states: Partial<Device>[] = [
    { stage: { tag: "pending" } },
    { stage: { tag: "refused", reason: "refused: …" }, ...blank },
    admitted(),
    admitted({ tag: "asking", attempt: 1, of: 10 }),
    admitted({ tag: "failed", reason: "no answer" }),
    leased({ mtu: 1400 }),
  ];
  const devices = states.map((state) => device(state, { lanIp: ip("192.168.1.50") }));
  const plans = devices.filter(hasIdentity).map(devicePlan);
  expect(plans.length).toBe(4);
  expect(plans.slice(0, 3)).toEqual(Array(3).fill({ mac: camera, lanIp: "192.168.1.50" }));
  expect(plans[3]?.ipv4).toMatchObject({ address: "192.0.2.10", prefixLength: 24, mtu: 1400 });
});

test("the longest known device that works and has a way out lends its identity", () => {
  const at = (n: number): WallTime => (clock.wall() + n) as WallTime;
  const third = mac("00:11:22:33:44:53");
  const devices = [
    device(leased(), { mac: third, discoveredAt: at(9) }),
    device(leased(), { mac: printer, discoveredAt: at(5) }),
    device(leased({}, false), { discoveredAt: at(1) }),
    device(leased({ routes: [] }), { mac: mac("00:11:22:33:44:54"), discoveredAt: at(2) }),
  ];
  expect(lender(devices)).toBe(printer);
  expect(lender(devices.slice(2))).toBeUndefined();
});

test.each([
  ["192.168.1.77", undefined, "lies inside the LAN 192.168.1.0/24"],
  ["192.0.2.10", printer, `the identity of ${printer} holds`],
])("%s is not taken", (address, holder, reason) => {
  expect(refuseAddress(lan, ip(address), holder, camera)).toContain(reason);
});

test("its own address, or one that nobody has, is taken", () => {
  expect(refuseAddress(lan, ip("192.0.2.10"), camera, camera)).toBeUndefined();
  expect(refuseAddress(lan, ip("192.0.2.10"), undefined, camera)).toBeUndefined();
});
