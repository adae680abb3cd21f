import { expect, test } from "vitest";
import { admitted, camera, deviceAt, leaseAt, printer, serving } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { MemoryText } from "../../../test/support/memory-files.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { macFromBytes } from "../../base/mac.ts";
import { minutes, never, seconds } from "../../base/time.ts";
import type { Lease4 } from "../../machine/dhcp4/lease.ts";
import { ip, ip6 } from "../../plan/sample.fixture.ts";
import { blank, type Device } from "../devices/device.ts";
import { Registry } from "../devices/registry.ts";
import { nothingKnown } from "../network/facts.ts";
import { Memory } from "./memory.ts";

class Scene {
  readonly clock = new FakeClock();
  readonly log = new MemoryLog();
  readonly registry = new Registry();
  readonly file = new MemoryText();
  readonly unsaved: (string | undefined)[] = [];
  readonly memory = new Memory({
    registry: this.registry,
    clock: this.clock,
    log: this.log,
    file: this.file,
    offlineAfter: minutes(5),
    network: { facts: nothingKnown, offered: { ipv4: false, ipv6: false } },
    onUnsaved: (sentence) => this.unsaved.push(sentence),
  });

  constructor() {
    this.memory.start();
  }
  put(over: Partial<Device>): void {
    this.registry.put({ ...(this.registry.get(camera) ?? deviceAt(this.clock)), ...over });
  }
  leased(over: Partial<Lease4> = {}): void {
    this.put(serving(leaseAt(this.clock.now(), over)));
  }
  /** Writes made in `span`. */
  async writes(span = seconds(1)): Promise<number> {
    const before = this.file.saves;
    await this.clock.advance(span);
    await this.clock.advance(seconds(0));
    return this.file.saves - before;
  }
}

test("a burst of changes is one write, within a second", async () => {
  const { registry, clock, ...scene } = new Scene();
  for (let n = 0; n < 300; n++) {
    clock.pass(seconds(0.003));
    registry.put(deviceAt(clock, { mac: macFromBytes(Uint8Array.of(0, 1, 0, 0, n >> 8, n & 255)) }));
  }
  expect(scene.file.saves).toBe(0);
  await clock.advance(seconds(1));
  await clock.advance(seconds(0));
  expect(scene.file.saves).toBe(1);
  expect(scene.file.text?.match(/"mac_address"/g)?.length).toBe(300);
});

test.each<[string, Partial<Device>]>([
  ["a LAN address", { lanIp: ip("192.168.1.51") }],
  ["a host name", { hostname: "cam" }],
  ["a fingerprint", { fingerprint: { hostName: "cam" } }],
  ["a stage", admitted({ tag: "failed", reason: "no answer" })],
])("%s is written within a second", async (_, change) => {
  const scene = new Scene();
  scene.put({});
  await scene.writes();
  scene.put(change);
  expect(await scene.writes()).toBe(1);
});

const cutOff = (over: Partial<Device["ipv6"]> = {}): Partial<Device> => {
  const address = { ip: ip6("2001:db8::5"), origin: "slaac", state: "usable" } as const;
  const ipv6: Device["ipv6"] = { ...blank.ipv6, addresses: [address], ...over };
  return { ...admitted({ tag: "failed", reason: "no answer" }), ipv6 };
};

test.each<[string, Partial<Device>, Partial<Device>, object]>([
  [
    "that the router does not answer",
    cutOff(),
    cutOff({ silentRouter: ip6("fe80::1") }),
    { status: "failed", reason: "no answer" },
  ],
  [
    "that another host has the IPv6 address",
    cutOff(),
    cutOff({ addresses: [{ ip: ip6("2001:db8::5"), origin: "slaac", state: "duplicate" }] }),
    { reason: expect.stringMatching(/^another host uses its IPv6 address 2001:db8::5/) },
  ],
  [
    "another reason of the same failure",
    admitted({ tag: "failed", reason: "no answer" }),
    admitted({ tag: "failed", reason: "refused" }),
    { status: "failed", reason: "refused" },
  ],
])("%s is in the file within a second", async (_, before, after, shown) => {
  const scene = new Scene();
  scene.put(before);
  await scene.writes();
  scene.put(after);
  await scene.writes();
  const read = await scene.memory.load();
  expect(read?.devices.get(camera)).toMatchObject(shown);
});

test("a device that is heard all day costs a write in ten minutes", async () => {
  const scene = new Scene();
  scene.leased({ expiresAt: never });
  await scene.writes();
  let writes = 0;
  for (let n = 0; n < 3600; n++) {
    scene.put({ lastSeen: scene.clock.wall(), lastSeenAt: scene.clock.now() });
    writes += await scene.writes();
  }
  expect(writes).toBeLessThanOrEqual(6);
  expect(writes).toBeGreaterThanOrEqual(5);
});

test.each([
  ["long", 3600, 30],
  ["short", 20, 5],
])("a renewal of a %s lease of %d s is written within %d s", async (_, lease, within) => {
  const scene = new Scene();
  const renew = () => scene.leased({ expiresAt: (scene.clock.now() + lease * 1000) as Lease4["expiresAt"] });
  renew();
  await scene.writes();
  renew();
  expect(await scene.writes(seconds(within - 0.1))).toBe(0);
  expect(await scene.writes(seconds(0.2))).toBe(1);
});

test("a large file is left alone for some seconds, and no change waits longer than eleven", async () => {
  const scene = new Scene();
  for (let n = 0; n < 4000; n++)
    scene.registry.put(
      deviceAt(scene.clock, { mac: macFromBytes(Uint8Array.of(0, 1, 0, 0, n >> 8, n & 255)) }),
    );
  expect(await scene.writes()).toBe(1);
  let writes = 0;
  for (let n = 0; n < 120; n++) {
    scene.leased({ address: ip(`192.0.2.${n + 10}`) });
    writes += await scene.writes();
  }
  expect(writes).toBeGreaterThan(10);
  expect(writes).toBeLessThan(30);
  await scene.writes(seconds(10));
  scene.put({ hostname: "last" });
  expect(await scene.writes(seconds(1))).toBe(1);
});

test("nothing changed, nothing written; refused devices are not worth a write nor in it", async () => {
  const scene = new Scene();
  const refused = { tag: "refused", reason: "refused: …" } as const;
  for (let n = 0; n < 50; n++)
    scene.registry.put(
      deviceAt(scene.clock, { mac: macFromBytes(Uint8Array.of(2, 0, 0, 0, 0, n)), stage: refused }),
    );
  expect(await scene.writes(minutes(60))).toBe(0);
  scene.put({});
  expect(await scene.writes()).toBe(1);
  expect(scene.file.text?.match(/"mac_address"/g)?.length).toBe(1);
  scene.put({ stage: refused });
  expect(await scene.writes()).toBe(1);
  expect(scene.file.text).not.toContain(camera);
});

test("a write that fails is said once and tried again until it succeeds", async () => {
  const scene = new Scene();
  scene.file.failNext = true;
  scene.put({});
  await scene.writes();
  scene.file.failNext = true;
  expect(await scene.writes(seconds(10))).toBe(0);
  const why = "devices.json cannot be written: no space left on device; free some space";
  expect(scene.unsaved).toEqual([
    `${why}. What is new since then is not shown here, and lost if the gateway stops.`,
  ]);
  expect(await scene.writes(seconds(11))).toBe(1);
  expect(scene.unsaved.slice(1)).toEqual([undefined]);
  expect(scene.log.take()).toEqual([`error ${why}`, "info devices.json is written again"]);
});

test("stop writes what is outstanding, and nothing when nothing is", async () => {
  const scene = new Scene();
  scene.put({});
  await scene.memory.stop();
  expect(scene.file.saves).toBe(1);
  await scene.memory.stop();
  expect([scene.file.saves, scene.clock.pending]).toEqual([1, 0]);
});

test("a last write that fails is not tried again: the gateway could not end", async () => {
  const scene = new Scene();
  scene.put({});
  scene.file.failNext = true;
  await scene.memory.stop();
  expect(scene.clock.pending).toBe(0);
});

test("what one run wrote, the next one reads", async () => {
  const scene = new Scene();
  scene.leased();
  scene.registry.put(deviceAt(scene.clock, { mac: printer }));
  await scene.memory.stop();
  const next = new Scene();
  next.file.text = scene.file.text;
  const read = await next.memory.load();
  expect([...(read?.devices.keys() ?? [])]).toEqual([camera, printer]);
  expect(read?.devices.get(camera)).toMatchObject({ status: "active", ipv4_wan_address: "192.0.2.10" });
  expect(next.log.take()).toEqual([]);
});

test("a damaged file is said, and the run begins with nothing", async () => {
  const scene = new Scene();
  scene.file.text = '{"version": 1, "devices": {"zz": {}}}';
  expect(await scene.memory.load()).toBeUndefined();
  expect(scene.log.take()[0]).toMatch(/^warn devices.json was set aside: /);
});
