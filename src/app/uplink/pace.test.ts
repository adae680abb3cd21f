import { expect, test } from "vitest";
import { defaultConfig } from "../../config/schema.ts";
import { paceOf } from "./pace.ts";

const { pacing } = defaultConfig();

test("switch-safe: each kind below 15 in any second, ARP of the kernel included", () => {
  const { arp, nd, dhcp, devices, arpInAll, exchanges } = paceOf(pacing);
  expect({ arp, nd, dhcp, devices, arpInAll, exchanges }).toEqual({
    arp: { perSecond: 8, burst: 4 },
    nd: { perSecond: 6, burst: 2 },
    dhcp: { perSecond: 10, burst: 4 },
    devices: { perSecond: 2, burst: 2 },
    arpInAll: { perSecond: 10, burst: 5 },
    exchanges: 128,
  });
});

test("unlimited: only the window", () => {
  expect(paceOf({ ...pacing, profile: "unlimited" })).toEqual({ exchanges: 128 });
});

test("numbers of one's own stand in place of the profile's, and none gives more in a second than it says", () => {
  const own = paceOf({
    ...pacing,
    profile: "unlimited",
    dhcp_per_second: 3,
    devices_per_second: 0.5,
    exchanges: 8,
  });
  expect(own).toEqual({
    dhcp: { perSecond: 1, burst: 2 },
    devices: { perSecond: 0.5, burst: 1 },
    exchanges: 8,
  });
  for (const arp_per_second of [2, 3, 10, 100, 10_000])
    for (const burst of [1, 4, 1000]) {
      const { arp, arpInAll } = paceOf({ ...pacing, arp_per_second, burst });
      for (const rate of [arp, arpInAll]) {
        expect((rate?.perSecond ?? 0) + (rate?.burst ?? 0)).toBeLessThanOrEqual(arp_per_second);
        expect(rate?.perSecond).toBeGreaterThanOrEqual(1);
      }
    }
});
