import fc from "fast-check";
import { expect, it } from "vitest";
import type { Ip4 } from "../base/ip4.ts";
import type { Ip6 } from "../base/ip6.ts";
import type { Mac } from "../base/mac.ts";
import type { ProxyDesired, ProxyDevice } from "./proxy.ts";
import { ProxyWanted } from "./proxy-wanted.ts";

const settings = { ports: [], exceptionsListener: 61_440, sendProxy: false };
const macs = ["00:00:5e:00:53:01", "00:00:5e:00:53:02", "00:00:5e:00:53:03"] as Mac[];
const mac = fc.constantFrom(...macs);
const ip6 = fc.constantFrom("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4") as fc.Arbitrary<Ip6>;
const addresses6 = fc.uniqueArray(ip6, { maxLength: 2 });
const device = (of: Mac, addresses: readonly Ip6[]): ProxyDevice => ({
  mac: of,
  lanIp: "192.168.1.7" as Ip4,
  auto: true,
  addresses6: addresses,
  exceptions: [],
});
const change = fc.tuple(mac, fc.option(addresses6, { nil: undefined }));

const claimants = ({ devices }: ProxyDesired, ip: Ip6): number =>
  devices.filter((d) => d.addresses6.includes(ip)).length;
const disputed = (desired: ProxyDesired, of: Mac): boolean =>
  desired.devices.some((d) => d.mac === of && d.addresses6.some((ip) => claimants(desired, ip) > 1));

it("is after any changes what they come to, and tells what is different and what is contested", () => {
  fc.assert(
    fc.property(fc.array(change), (steps) => {
      const wanted = new ProxyWanted({ ...settings, devices: [] });
      const model = new Map<Mac, ProxyDevice>();
      for (const [of, addresses] of steps) {
        const next = addresses && device(of, addresses);
        const before = wanted.whole();
        const news = wanted.change(new Map([[of, next]]));
        const different = JSON.stringify(model.get(of)) !== JSON.stringify(next);
        if (next) model.set(of, next);
        else model.delete(of);
        expect(wanted.whole()).toEqual({ ...settings, devices: [...model.values()] });
        expect(news.macs).toEqual(different ? [of] : []);
        if (different) expect(news.contested).toBe(disputed(before, of) || disputed(wanted.whole(), of));
      }
    }),
  );
});

it("tells what is different from another, unless more than devices is", () => {
  const [a, b, c] = macs as [Mac, Mac, Mac];
  const before = new ProxyWanted({ ...settings, devices: [device(a, []), device(b, [])] });
  const now = new ProxyWanted({ ...settings, devices: [device(b, ["2001:db8::1" as Ip6]), device(c, [])] });
  expect(now.since(before)).toEqual({ macs: [a, b, c], contested: false });
  expect(now.since(now)).toEqual({ macs: [], contested: false });
  const other = new ProxyWanted({ ...settings, sendProxy: true, devices: [] });
  expect(other.since(before)).toBeUndefined();
});

it("gives a part as if there were no others", () => {
  const [a, b] = macs as [Mac, Mac];
  const wanted = new ProxyWanted({ ...settings, devices: [device(a, []), device(b, [])] });
  expect(wanted.part([b, macs[2] as Mac]).devices.map((d) => d.mac)).toEqual([b]);
});
