import { expect, test } from "vitest";
import { camera, deviceAt, leaseAt, printer, serving } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { type Instant, minutes, seconds } from "../../base/time.ts";
import { ip } from "../../plan/sample.fixture.ts";
import type { Device } from "./device.ts";
import { Registry } from "./registry.ts";
import { Upkeep } from "./upkeep.ts";

class Scene {
  readonly clock = new FakeClock();
  readonly log = new MemoryLog();
  readonly registry = new Registry();
  readonly told: string[] = [];
  readonly upkeep = new Upkeep({
    registry: this.registry,
    clock: this.clock,
    log: this.log,
    offlineAfter: minutes(5),
    forgetAfter: minutes(60),
    askAfter: (mac, address) => this.told.push(`ask ${mac} ${address}`),
    forget: (mac) => {
      this.told.push(`forget ${mac}`);
      this.registry.remove(mac);
    },
    onTurn: (mac) => this.told.push(`turn ${mac}`),
  });

  active(over: Partial<Device> = {}): void {
    const lease = leaseAt(this.clock.now());
    this.registry.put(deviceAt(this.clock, { lanIp: ip("192.168.1.50"), ...serving(lease), ...over }));
  }
  heard(): void {
    const device = this.registry.get(camera);
    if (device) this.registry.put({ ...device, lastSeenAt: this.clock.now() as Instant });
  }
  /** Lets time pass with a look every ten seconds. */
  async pass(span: number): Promise<void> {
    for (let n = 0; n < span; n += 10) {
      this.clock.pass(seconds(10));
      this.upkeep.poll();
    }
  }
}

test("a silent device is asked after from a third of the time on, then shown inactive, then active again", async () => {
  const scene = new Scene();
  scene.active();
  await scene.pass(100);
  expect(scene.told).toEqual([]);
  await scene.pass(30);
  expect(scene.told).toEqual(Array(3).fill(`ask ${camera} 192.168.1.50`));
  scene.told.length = 0;
  await scene.pass(200);
  expect(scene.told.filter((t) => t.startsWith("turn"))).toEqual([`turn ${camera}`]);
  expect(scene.log.take()).toEqual([`info Device ${camera} inactive: no frame of it on the LAN`]);
  scene.heard();
  await scene.pass(10);
  expect(scene.told.at(-1)).toBe(`turn ${camera}`);
  expect(scene.log.take()).toEqual([`info Device ${camera} active again`]);
});

test("a device that answers is never inactive", async () => {
  const scene = new Scene();
  scene.active();
  for (let n = 0; n < 60; n++) {
    await scene.pass(120);
    scene.heard();
  }
  expect(scene.told.some((t) => t.startsWith("turn") || t.startsWith("forget"))).toBe(false);
});

test("forgotten after the time for it, once, and only the silent one", async () => {
  const scene = new Scene();
  scene.active();
  scene.registry.put(
    deviceAt(scene.clock, { mac: printer, lastSeenAt: (scene.clock.now() + 1e9) as Instant }),
  );
  await scene.pass(3600);
  expect(scene.registry.size).toBe(2);
  scene.log.take();
  await scene.pass(20);
  expect(scene.told.filter((t) => t.startsWith("forget"))).toEqual([`forget ${camera}`]);
  expect(scene.registry.all().map((d) => d.mac)).toEqual([printer]);
  expect(scene.log.take()).toEqual([`info Device ${camera} forgotten: not seen for 3610 s`]);
  scene.active();
  await scene.pass(10);
  expect(scene.log.take()).toEqual([]);
});

test("a device without a LAN address cannot be asked", async () => {
  const scene = new Scene();
  scene.registry.put(deviceAt(scene.clock));
  await scene.pass(600);
  expect(scene.told).toEqual([]);
});
