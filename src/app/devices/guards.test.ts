import { expect, test } from "vitest";
import { camera, printer } from "../../../test/support/devices.ts";
import { broadcastMac, zeroMac } from "../../base/mac.ts";
import { mac } from "../../plan/sample.fixture.ts";
import { type GuardFacts, refusal } from "./guards.ts";

const open: GuardFacts = {
  ownMacs: new Set([mac("02:00:00:00:00:f0")]),
  onWan: () => false,
  allowed: () => true,
  denied: () => false,
  admitted: 3,
  maxDevices: 4,
};

test("an ordinary device is admitted, a random MAC too", () => {
  expect(refusal(camera, open)).toBeUndefined();
  expect(refusal(mac("02:de:ad:be:ef:01"), open)).toBeUndefined();
});

test.each([
  [mac("01:00:5e:00:00:fb"), {}, "a multicast MAC"],
  [broadcastMac, {}, "a multicast MAC"],
  [zeroMac, {}, "all zero"],
  [mac("02:00:00:00:00:f0"), {}, "the gateway's own"],
  [camera, { denied: (m: string) => m === camera }, "discovery.deny"],
  [camera, { allowed: (m: string) => m === printer }, "discovery.allow"],
  [camera, { onWan: (m: string) => m === camera }, "speaking on the WAN side"],
  [camera, { admitted: 4 }, "discovery.max_devices = 4"],
  // Deny wins over allow.
  [camera, { denied: () => true, allowed: () => false }, "discovery.deny"],
] as const)("%s with %o is refused: %s", (device, facts, reason) => {
  expect(refusal(device, { ...open, ...facts })).toContain(reason);
  expect(refusal(device, { ...open, ...facts })).toMatch(/^refused: /);
});
