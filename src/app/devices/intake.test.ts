import { expect, test } from "vitest";
import { camera, printer } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import type { Ip4 } from "../../base/ip4.ts";
import { type Mac, macFromBytes } from "../../base/mac.ts";
import { millis, seconds } from "../../base/time.ts";
import { ip, mac } from "../../plan/sample.fixture.ts";
import type { Sighting } from "../discovery/lan-frames.ts";
import { Intake } from "./intake.ts";
import { Registry } from "./registry.ts";

class Scene {
  readonly clock = new FakeClock();
  readonly log = new MemoryLog();
  readonly registry = new Registry();
  readonly admitted: Mac[] = [];
  readonly asked: string[] = [];
  refusal: (mac: Mac) => string | undefined = () => undefined;
  readonly intake = new Intake({
    registry: this.registry,
    clock: this.clock,
    log: this.log,
    lan: { ip: ip("192.168.1.1"), length: 24 },
    refusal: (m) => this.refusal(m),
    admit: (m) => this.admitted.push(m),
    askAfter: (m, address) => this.asked.push(`${m} ${address}`),
  });

  /** Its own frame. */
  hear(m: Mac, address?: string, over: Partial<Sighting> = {}): void {
    this.intake.take({ mac: m, ...(address ? { ip: ip(address) } : {}), alive: true, how: "arp", ...over });
  }
  /** Somebody else's memory of it. */
  remember(m: Mac, address: string): void {
    this.hear(m, address, { alive: false, how: "neighbour" });
  }
  lanIp(m: Mac): Ip4 | undefined {
    return this.registry.get(m)?.lanIp;
  }
}

test("a new device is written down, told, and its turn asked for once", () => {
  const scene = new Scene();
  scene.hear(camera, "192.168.1.50");
  scene.hear(camera, "192.168.1.50", { hostname: "cam", how: "dhcp" });
  expect(scene.admitted).toEqual([camera]);
  expect(scene.registry.get(camera)).toMatchObject({ lanIp: "192.168.1.50", hostname: "cam" });
  expect(scene.log.take()).toEqual([`info New device discovered: ${camera}`]);
  scene.hear(mac("02:de:ad:be:ef:01"));
  expect(scene.log.take()[1]).toContain("locally administered MAC");
});

test.each(["192.168.1.1", "192.168.1.0", "192.168.1.255", "10.0.0.5", "0.0.0.0"])(
  "%s is no device's LAN address, but the device is there",
  (address) => {
    const scene = new Scene();
    scene.hear(camera, address);
    expect(scene.registry.get(camera)).not.toHaveProperty("lanIp");
    scene.hear(camera, "192.168.1.50");
    scene.hear(camera, address);
    expect(scene.lanIp(camera)).toBe("192.168.1.50");
  },
);

test("what others remember of an unknown device is asked after, and its answer brings it in", () => {
  const scene = new Scene();
  scene.remember(camera, "192.168.1.50");
  scene.remember(printer, "10.0.0.1");
  expect([scene.registry.size, scene.asked]).toEqual([0, [`${camera} 192.168.1.50`]]);
  scene.hear(camera, "192.168.1.50", { how: "arp" });
  expect(scene.admitted).toEqual([camera]);
});

test("a device moves to another LAN address by its own word only; memory fills a gap", () => {
  const scene = new Scene();
  scene.hear(camera, undefined, { how: "dhcp" });
  scene.remember(camera, "192.168.1.50");
  expect(scene.lanIp(camera)).toBe("192.168.1.50");
  scene.hear(camera, "192.168.1.51");
  scene.remember(camera, "192.168.1.50");
  expect(scene.lanIp(camera)).toBe("192.168.1.51");
  scene.hear(printer);
  scene.remember(printer, "192.168.1.51");
  expect([scene.lanIp(printer), scene.lanIp(camera)]).toEqual([undefined, "192.168.1.51"]);
});

test("a LAN address that changes hands belongs to the one that showed it last", () => {
  const scene = new Scene();
  scene.hear(camera, "192.168.1.50");
  scene.hear(printer, "192.168.1.50");
  expect([scene.lanIp(camera), scene.lanIp(printer)]).toEqual([undefined, "192.168.1.50"]);
  expect(scene.registry.holder(ip("192.168.1.50"))).toBe(printer);
  scene.hear(camera, "192.168.1.51");
  expect(scene.lanIp(camera)).toBe("192.168.1.51");
});

test("a device that speaks all the time is written down once a second, one only remembered not at all", () => {
  const { clock, registry, ...scene } = new Scene();
  let changes = 0;
  registry.listen(() => changes++);
  const hear = (alive: boolean) => scene.intake.take({ mac: camera, alive, how: "arp" });
  hear(true);
  for (let n = 0; n < 100; n++) {
    clock.pass(millis(50));
    hear(true);
  }
  expect(changes).toBe(1 + 5);
  clock.pass(seconds(60));
  hear(false);
  expect(changes).toBe(6);
});

test("a refused device is shown with its reason, once; when the reason is gone it is admitted", () => {
  const scene = new Scene();
  scene.refusal = () => "refused: the MAC is on discovery.deny";
  scene.hear(camera, "192.168.1.50");
  scene.clock.pass(seconds(5));
  scene.hear(camera, "192.168.1.50");
  expect(scene.log.take()).toEqual([`warn Device ${camera} refused: the MAC is on discovery.deny`]);
  expect(scene.registry.get(camera)?.stage.tag).toBe("refused");
  expect([scene.admitted, scene.intake.served]).toEqual([[], 0]);
  scene.refusal = () => undefined;
  scene.hear(camera);
  expect(scene.admitted).toEqual([]);
  scene.clock.pass(seconds(1));
  scene.hear(camera);
  expect([scene.admitted, scene.intake.served]).toEqual([[camera], 1]);
});

test("whoever invents MACs does not fill our memory, and real devices are still counted", () => {
  const scene = new Scene();
  scene.refusal = (m) => (m.startsWith("02:") ? "refused: …" : undefined);
  for (let n = 0; n < 3000; n++) scene.hear(macFromBytes(Uint8Array.of(2, 0, 0, 0, n >> 8, n & 255)));
  scene.hear(camera);
  expect([scene.registry.size, scene.intake.served]).toEqual([1001, 1]);
});

test("the fingerprint keeps what it learnt and takes what is newer", () => {
  const scene = new Scene();
  const dhcp = { how: "dhcp" } as const;
  const vendorClass = Uint8Array.of(1, 2);
  scene.hear(camera, undefined, { ...dhcp, fingerprint: { hostName: "cam", vendorClass } });
  const first = scene.registry.get(camera)?.fingerprint;
  scene.hear(camera, undefined, { ...dhcp, fingerprint: {} });
  scene.hear(camera, undefined, { ...dhcp, fingerprint: { vendorClass: Uint8Array.of(1, 2) } });
  expect(scene.registry.get(camera)?.fingerprint).toBe(first);
  scene.hear(camera, undefined, { ...dhcp, fingerprint: { parameterList: [1, 3] } });
  const learnt = { hostName: "cam", vendorClass, parameterList: [1, 3] };
  expect(scene.registry.get(camera)?.fingerprint).toEqual(learnt);
});
