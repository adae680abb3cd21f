import { expect, test } from "vitest";
import { admitted, camera, deviceAt, leaseAt, serving } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { seconds, wallTime } from "../../base/time.ts";
import { Registry } from "../devices/registry.ts";
import { V6Only } from "./v6-only.ts";

function bench() {
  const clock = new FakeClock();
  const registry = new Registry();
  const did: string[] = [];
  const world = { translatable: false };
  const v6Only = new V6Only({
    clock,
    registry,
    isTranslatable: () => world.translatable,
    verify: () => did.push("verify"),
    retry: () => did.push(`retry, ${v6Only.has(camera) ? "able" : "not able"}`),
  });
  registry.listen((now) => now && v6Only.look(now));
  return { clock, registry, did, world, v6Only };
}

test("a lease that was granted before is verified once; one that was asked for with the option is not", () => {
  const { clock, registry, did, world, v6Only } = bench();
  const device = deviceAt(clock, serving(leaseAt(clock.now())));
  registry.put(device);
  expect([v6Only.has(camera), did]).toEqual([false, []]);
  world.translatable = true;
  registry.put({ ...device });
  registry.put({ ...device });
  expect([v6Only.has(camera), did]).toEqual([true, ["verify"]]);
  v6Only.forget(camera);
  registry.put(deviceAt(clock, serving(leaseAt(clock.now(), { v6OnlyAsked: true }))));
  expect(did).toEqual(["verify"]);
});

test("IPv6 that is away for a moment changes nothing; for long, a device that rests asks for IPv4 again", () => {
  const { clock, registry, did, world, v6Only } = bench();
  const device = deviceAt(clock, admitted({ tag: "resting", until: wallTime(0) }));
  const at = (secs: number, translatable: boolean): boolean => {
    clock.pass(seconds(secs));
    world.translatable = translatable;
    registry.put({ ...device });
    return v6Only.has(camera);
  };
  expect([at(0, true), at(1, false), at(9, true), at(60, false), at(9, false)]).toEqual([
    true,
    true,
    true,
    true,
    true,
  ]);
  expect(did).toEqual([]);
  expect(at(1, false)).toBe(false);
  expect(did).toEqual(["retry, not able"]);
});

test("a device that asks anyway is not told to", () => {
  const { clock, registry, did, world } = bench();
  world.translatable = true;
  registry.put(deviceAt(clock, admitted({ tag: "asking", attempt: 1, of: 3 })));
  world.translatable = false;
  registry.put(deviceAt(clock, admitted({ tag: "asking", attempt: 1, of: 3 })));
  clock.pass(seconds(60));
  expect(did).toEqual([]);
});
