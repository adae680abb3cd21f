import { expect, test } from "vitest";
import { lease6At } from "../../../test/support/devices.ts";
import { parseIp6 } from "../../base/ip6.ts";
import { must } from "../../base/parsed.ts";
import { instant, minutes, never, plus, seconds, wallPlus, wallTime } from "../../base/time.ts";
import { restoreLease6, storeLease6 } from "./stored-lease6.ts";

const before = { now: instant(5_000), wall: wallTime(1_700_000_000_000) };
const lease = lease6At(before.now, { rebindAt: never });
/** Another process, whose clock began elsewhere. */
const later = (span: number) => ({ now: instant(70), wall: wallPlus(before.wall, seconds(span)) });

test("times survive a restart, whatever the monotonic clock says then", () => {
  const stored = storeLease6(lease, before);
  const back = restoreLease6(stored, later(600));
  expect(back?.renewAt).toBe(plus(instant(70), minutes(5)));
  expect(back?.rebindAt).toBe(never);
  expect(back && storeLease6(back, later(600))).toEqual(stored);
});

test("of several addresses those that are still valid come back; none, and there is no lease", () => {
  const [first] = lease.addresses;
  const second = { ...lease.addresses[0], address: must(parseIp6("2001:db8::58")), validUntil: never };
  const two = storeLease6({ ...lease, addresses: [first, second] as typeof lease.addresses }, before);
  expect(restoreLease6(two, later(1))?.addresses).toHaveLength(2);
  expect(restoreLease6(two, later(3600))?.addresses.map((a) => a.address)).toEqual(["2001:db8::58"]);
  expect(restoreLease6(storeLease6(lease, before), later(3600))).toBeUndefined();
});
