import { expect, test } from "vitest";
import { deviceNumber, wideGateway } from "../../../test/support/reconcile-bench.ts";
import type { Mac } from "../../base/mac.ts";
import { seededRng, uniform } from "../../base/rng.ts";
import { type DevicePlan, planDesired, type Surroundings } from "../../plan/desired.ts";
import { diff } from "../../plan/diff.ts";
import { identityName } from "../../plan/marks.ts";
import type { Element, ResourceMap } from "../../plan/resource.ts";
import { ip, ip6, mac, net6, network6, router } from "../../plan/sample.fixture.ts";
import { Blueprint, type DevicePart } from "./blueprint.ts";
import { World } from "./world.ts";

const around: Surroundings = {
  wanMtu: 1500,
  neighbours: new Map([[router, mac("00:aa:00:00:00:01")]]),
  lanAddressPresent: false,
  addresses6: new Map(),
  network6,
  translation: { nat64: net6("2001:db8:64::/96") },
};
const nothing = {
  resources: [],
  ports: new Map(),
  foreignAddresses: new Set<string>(),
  addresses6: new Map(),
  saved: new Map(),
};
const now = 0 as never;

const inboundOf = ({ ipv4, lanIp }: DevicePlan): readonly Element[] =>
  ipv4 && lanIp ? [{ kind: "element", set: "device4", key: ipv4.address, value: lanIp }] : [];
const partOf = (plan: DevicePlan): DevicePart => ({ plan, inbound: inboundOf(plan) });
const withIpv6 = (plan: DevicePlan, n: number): DevicePlan => ({
  ...plan,
  ipv6: { leased: [{ address: ip6(`2001:db8:1::${n.toString(16)}`), deprecated: false }], slaac: [] },
});

/** A device in one of its states: none, an identity alone, IPv4, both, IPv4 at another LAN address, and IPv6 alone with its IPv4 translated. */
function stateOf(n: number, state: number): DevicePlan | undefined {
  const full = deviceNumber(n);
  const { ipv4: _, ...bare } = full;
  const translated = { ...withIpv6(bare, n), translated: true };
  return [undefined, bare, full, withIpv6(full, n), { ...full, lanIp: ip(`192.168.2.${n}`) }, translated][
    state
  ];
}

function expectSame(world: World, wanted: ResourceMap): void {
  const there = new Map(world.resources.map((r) => [JSON.stringify(r), r]));
  expect(new Set(there.keys())).toEqual(new Set([...wanted.values()].map((r) => JSON.stringify(r))));
}

test.each([1, 2, 3])("step by step the same comes about as planned as a whole; walk %i", (seed) => {
  const rng = seededRng(seed);
  const random = (below: number): number => Math.floor(uniform(rng, 0, below));
  const blueprint = new Blueprint(wideGateway);
  const plans = new Map<Mac, DevicePlan>();
  const world = new World(nothing);
  world.expect(diff(blueprint.whole([], {}, around, []), []), now);
  for (let step = 0; step < 60; step++) {
    const changed = new Map<Mac, DevicePart | undefined>();
    for (let i = random(4); i >= 0; i--) {
      const n = 1 + random(12);
      const plan = stateOf(n, random(6));
      const { mac: device } = deviceNumber(n);
      changed.set(device, plan && partOf(plan));
      if (plan) plans.set(device, plan);
      else plans.delete(device);
    }
    const lender = [...plans.values()].find((plan) => plan.ipv4);
    const lenders = lender ? { lender } : {};
    const { desired, former } = blueprint.some(changed, lenders, around);
    const found = world.of([...changed.keys()].map(identityName), [...desired.keys(), ...former]);
    world.expect(diff(desired, found), now);
    const devices = [...plans.values()];
    expectSame(
      world,
      planDesired(wideGateway, devices, {
        ...around,
        ...(lender ? { borrowed: lender.mac } : {}),
        inbound: devices.flatMap(inboundOf),
      }),
    );
  }
});

test("the cost of a change does not depend on the others: nothing of them is planned", () => {
  const blueprint = new Blueprint(wideGateway);
  const all = Array.from({ length: 900 }, (_, n) => partOf(deviceNumber(n + 1)));
  blueprint.whole(all, {}, around, []);
  const one = deviceNumber(950);
  const { desired, former } = blueprint.some(new Map([[one.mac, partOf(one)]]), {}, around);
  expect(desired.size).toBeLessThan(40);
  expect(former.size).toBeLessThan(40);
});
