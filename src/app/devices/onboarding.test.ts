import { expect, test } from "vitest";
import { admitted, camera, deviceAt, leaseAt, printer, serving } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import type { Mac } from "../../base/mac.ts";
import { millis, minutes, seconds } from "../../base/time.ts";
import type { ReadState } from "../../config/state-file.ts";
import type { Lease4 } from "../../machine/dhcp4/lease.ts";
import type { Lease6 } from "../../machine/dhcp6/lease.ts";
import { byKey, type Resource } from "../../plan/resource.ts";
import { ip, mac } from "../../plan/sample.fixture.ts";
import { storeDevice } from "../state/stored-device.ts";
import type { Device } from "./device.ts";
import { Onboarding, type OnboardingParts } from "./onboarding.ts";
import { Registry } from "./registry.ts";
import { statusOf } from "./status.ts";

class Scene {
  readonly clock = new FakeClock();
  readonly registry = new Registry();
  readonly turns: ((done: () => void) => void)[] = [];
  readonly begun: string[] = [];
  readonly begun6: string[] = [];
  readonly deconfigured: string[] = [];
  readonly listening = new Set<Mac>();
  done = 0;
  readonly onboarding: Onboarding;

  constructor(over: Partial<OnboardingParts> = {}) {
    this.onboarding = new Onboarding({
      registry: this.registry,
      clock: this.clock,
      pacer: { admit: (begin) => this.turns.push(begin) },
      ipv4: {
        has: (m) => this.begun.some((b) => b.startsWith(m)),
        begin: (m: Mac, stored?: Lease4) => this.begun.push(`${m} ${stored?.address ?? "anew"}`),
        linkChanged: (m: Mac) => this.begun.push(`${m} link changed`),
        moved: (m: Mac) => this.begun.push(`${m} moved`),
      },
      ipv6: {
        begin: (m: Mac, stored?: Lease6) =>
          this.begun6.push(`${m} ${stored?.addresses.map((a) => a.address) ?? "anew"}`),
        verify: (m: Mac) => this.begun6.push(`${m} verify`),
        moved: (m: Mac) => this.begun6.push(`${m} moved`),
      },
      refusal: () => undefined,
      enabled: true,
      onAsking: () => {},
      listenFor: (m) => void this.listening.add(m),
      listenNoMore: (m) => void this.listening.delete(m),
      deconfigure: (m, address) => this.deconfigured.push(`${m} ${address}`),
      deconfigure6: (m) => this.deconfigured.push(`${m} IPv6`),
      ...over,
    });
  }

  /** The next one's turn. */
  turn(): void {
    this.turns.shift()?.(() => this.done++);
  }
  identityUp(m: Mac): void {
    const device = this.registry.get(m);
    if (device) this.onboarding.identityUp(device);
  }
  state(...devices: Device[]): ReadState {
    const moment = { now: this.clock.now(), wall: this.clock.wall() };
    const stored = devices.map((d) => storeDevice(d, statusOf(d, moment.now, minutes(5)), moment));
    return {
      writtenAt: moment.wall,
      network: null,
      origin: "gateway",
      notes: [],
      devices: new Map(stored.map((d) => [d.mac_address, d])),
    };
  }
  leased(over: Partial<Lease4> = {}): Device {
    const lease = leaseAt(this.clock.now(), over);
    return deviceAt(this.clock, serving(lease));
  }
}

const identity: Resource = {
  kind: "identity",
  ifname: "gw001122334451",
  mac: camera,
  parent: "eth0",
  mtu: 1500,
  group: "7171",
  up: true,
};
const address: Resource = {
  kind: "address",
  ifname: "gw001122334451",
  ip: ip("192.0.2.10"),
  length: 24,
};

test("its turn, its first message, then, with an answer, its interface and IPv6, which frees its place", () => {
  const scene = new Scene();
  scene.registry.put(deviceAt(scene.clock));
  scene.onboarding.admit(camera);
  scene.identityUp(camera);
  expect(scene.registry.get(camera)?.stage).toEqual({ tag: "pending" });
  scene.turn();
  expect(scene.begun).toEqual([`${camera} anew`]);
  expect(scene.listening).toEqual(new Set([camera]));
  expect(scene.registry.get(camera)?.stage).toEqual({ tag: "pending" });
  scene.onboarding.granted(camera);
  expect(scene.registry.get(camera)?.stage).toEqual({ tag: "admitted" });
  expect([scene.begun6, scene.done]).toEqual([[], 0]);
  scene.identityUp(camera);
  scene.identityUp(camera);
  expect([scene.begun.length, scene.begun6, scene.done]).toEqual([1, [`${camera} anew`], 1]);
  expect(scene.listening).toEqual(new Set());
});

test("a device forgotten or refused before its turn takes no place", () => {
  const scene = new Scene();
  scene.onboarding.admit(camera);
  scene.turn();
  scene.registry.put(deviceAt(scene.clock, { stage: { tag: "refused", reason: "refused: …" } }));
  scene.onboarding.admit(camera);
  scene.turn();
  expect([scene.done, scene.begun]).toEqual([2, []]);
});

test("without DHCPv4 there is an interface and no question", () => {
  const scene = new Scene({ enabled: false });
  scene.registry.put(deviceAt(scene.clock));
  scene.onboarding.admit(camera);
  scene.turn();
  scene.identityUp(camera);
  expect([scene.begun, scene.begun6, scene.listening.size]).toEqual([[], [`${camera} anew`], 0]);
});

test("where nobody answers, and where it is forgotten meanwhile", () => {
  const scene = new Scene();
  scene.registry.put(deviceAt(scene.clock));
  scene.onboarding.admit(camera);
  scene.turn();
  scene.clock.pass(millis(100));
  expect(scene.registry.get(camera)?.stage).toEqual({ tag: "admitted" });
  scene.registry.put(deviceAt(scene.clock, { mac: printer }));
  scene.onboarding.admit(printer);
  scene.turn();
  scene.onboarding.forget(printer);
  scene.onboarding.granted(printer);
  scene.clock.pass(seconds(2));
  expect(scene.registry.get(printer)?.stage).toEqual({ tag: "pending" });
  expect(scene.listening).toEqual(new Set([camera]));
  expect(scene.done).toBe(1);
});

test("a lease from before is verified in its turn; what the kernel carries counts as installed", () => {
  const scene = new Scene();
  const state = scene.state(scene.leased());
  expect(scene.onboarding.restore(state, byKey([identity, address]))).toBe(1);
  expect(scene.registry.get(camera)?.ipv4.installed).toBe(true);
  expect(scene.turns).toEqual([]);
  scene.onboarding.resume();
  scene.turn();
  expect(scene.begun).toEqual([`${camera} 192.0.2.10`]);
  const bare = new Scene();
  bare.onboarding.restore(state, byKey([identity]));
  expect(bare.registry.get(camera)?.ipv4).toMatchObject({ dhcp: { tag: "leased" }, installed: false });
});

test("a device without a lease keeps the interface it has, and asks in its turn", () => {
  const scene = new Scene();
  scene.onboarding.restore(scene.state(deviceAt(scene.clock)), byKey([identity]));
  expect(scene.registry.get(camera)?.stage).toEqual({ tag: "admitted" });
  scene.identityUp(camera);
  expect(scene.begun).toEqual([]);
  scene.onboarding.resume();
  scene.turn();
  expect(scene.begun).toEqual([`${camera} anew`]);
});

test("a lease that ends before its turn is taken off, and the device asks anew", () => {
  const scene = new Scene();
  scene.onboarding.restore(scene.state(scene.leased()), byKey([identity, address]));
  scene.onboarding.resume();
  scene.clock.pass(minutes(61));
  scene.turn();
  expect(scene.deconfigured).toEqual([`${camera} 192.0.2.10`]);
  expect(scene.begun).toEqual([`${camera} anew`]);
});

test("the guards hold for devices of an earlier run too", () => {
  const scene = new Scene({
    refusal: (m) => (m === camera ? "refused: the MAC is on discovery.deny" : undefined),
  });
  const other = deviceAt(scene.clock, { mac: printer });
  scene.onboarding.restore(scene.state(scene.leased(), other), byKey([identity, address]));
  scene.onboarding.resume();
  expect(scene.registry.get(camera)?.stage.tag).toBe("refused");
  expect(scene.turns.length).toBe(1);
});

test("the most recently seen come first", () => {
  const scene = new Scene();
  const at = (n: number) => ({ lastSeen: (scene.clock.wall() - n * 1000) as Device["lastSeen"] });
  const macs = [3, 1, 2].map((n) => mac(`00:11:22:33:44:0${n}`));
  const devices = macs.map((m, i) => deviceAt(scene.clock, { mac: m, ...at([3, 1, 2][i] ?? 0) }));
  scene.onboarding.restore(scene.state(...devices), new Map());
  expect(scene.registry.all().map((d) => d.mac.slice(-1))).toEqual(["1", "2", "3"]);
  expect(new Scene().onboarding.restore(undefined, new Map())).toBe(0);
});

test("after a change of the link each is verified in its turn, the last seen first; who never began is left alone", () => {
  const scene = new Scene();
  const macs = [3, 1, 2].map((n) => mac(`00:11:22:33:44:0${n}`));
  for (const m of macs) {
    scene.clock.pass(seconds(1));
    scene.registry.put(deviceAt(scene.clock, { mac: m }));
  }
  for (const m of macs.slice(1)) {
    scene.begun.push(`${m} anew`);
    scene.registry.put({ ...(scene.registry.get(m) as Device), ...admitted() });
  }
  scene.onboarding.verifyAll(() => ({ ipv4: "same?", ipv6: "same?" }));
  expect(scene.begun.length).toBe(2);
  scene.turn();
  scene.turn();
  expect(scene.begun.slice(2)).toEqual([`${macs[2]} link changed`, `${macs[1]} link changed`]);
  expect(scene.begun6).toEqual([`${macs[2]} verify`, `${macs[1]} verify`]);
  expect(scene.turns).toEqual([]);
});

test("interfaces are about to come up from when they are wanted until they are there, gone, or overdue", () => {
  const scene = new Scene();
  const coming = (): boolean => scene.onboarding.othersCome;
  scene.registry.put(deviceAt(scene.clock));
  scene.onboarding.admit(camera);
  scene.turn();
  expect(coming()).toBe(false);
  scene.onboarding.granted(camera);
  expect(coming()).toBe(true);
  scene.identityUp(camera);
  expect(coming()).toBe(false);

  const overdue = new Scene();
  overdue.registry.put(deviceAt(overdue.clock));
  overdue.onboarding.admit(camera);
  overdue.turn();
  overdue.onboarding.granted(camera);
  overdue.clock.pass(seconds(6));
  expect(overdue.onboarding.othersCome).toBe(false);

  const gone = new Scene();
  gone.registry.put(deviceAt(gone.clock));
  gone.onboarding.admit(camera);
  gone.turn();
  gone.onboarding.granted(camera);
  gone.onboarding.forget(camera);
  expect(gone.onboarding.othersCome).toBe(false);
});
