import { expect, test } from "vitest";
import { camera, deviceAt, leaseAt, printer, serving } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { FakeKernel } from "../../../test/support/fake-kernel.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { parseCidr6 } from "../../base/cidr6.ts";
import { parseIp6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { seconds } from "../../base/time.ts";
import { defaultConfig } from "../../config/schema.ts";
import { anywhere, ip, mac, router } from "../../plan/sample.fixture.ts";
import type { Device } from "../devices/device.ts";
import type { Suspicions } from "../devices/onboarding.ts";
import { Registry } from "../devices/registry.ts";
import { type Network6, nothingHeard } from "../uplink6/network.ts";
import { WanChange } from "./wan-change.ts";

const routerMac = mac("00:aa:00:00:00:01");
const otherRouter = ip("203.0.113.1");
const net = (text: string) => must(parseCidr6(text));

class Scene {
  readonly clock = new FakeClock();
  readonly log = new MemoryLog();
  readonly registry = new Registry();
  readonly rounds: ((device: Device) => Suspicions)[] = [];
  readonly retried: Mac[] = [];
  readonly troubles: (string | undefined)[] = [];
  /** Whether it was so when all were to ask anew. */
  readonly uncertainty: boolean[] = [];
  suspected = 0;
  readonly change = new WanChange({
    config: defaultConfig(),
    clock: this.clock,
    log: this.log,
    kernel: new FakeKernel(),
    registry: this.registry,
    onboarding: { verifyAll: (suspicion) => this.rounds.push(suspicion) },
    routers: { suspectAll: () => this.suspected++ },
    ipv6: { linkUp: () => {}, linkChanged: () => this.suspected++ },
    retry: (m) => this.retried.push(m),
    onTrouble: (sentence) => this.troubles.push(sentence),
    onVerify: () => this.uncertainty.push(this.change.isUncertain),
  });

  constructor() {
    for (const [i, m] of [camera, printer].entries()) {
      this.clock.pass(seconds(1));
      const lease = leaseAt(this.clock.now(), { address: ip(`192.0.2.1${i}`) });
      this.registry.put(deviceAt(this.clock, { mac: m, ...serving(lease) }));
      this.change.leased(m, lease);
    }
    this.clock.pass(seconds(60));
  }

  /** @param blocked the link is back, and nobody is heard on it */
  flap(blocked = false): void {
    this.change.port.setCarrier(true);
    this.change.port.setCarrier(false);
    this.change.port.setCarrier(true);
    this.clock.pass(seconds(1));
    if (!blocked) this.change.heard();
    this.clock.pass(seconds(4));
  }

  /** What the last round wants of a device. */
  asks(m: Mac): Suspicions | undefined {
    const device = this.registry.get(m);
    return device && this.rounds.at(-1)?.(device);
  }

  leases(m: Mac, via = router): void {
    const lease = leaseAt(this.clock.now(), { routes: [{ destination: anywhere, router: via }] });
    this.change.leased(m, lease);
    this.registry.put(deviceAt(this.clock, { mac: m, ...serving(lease) }));
  }
}

test("after the link was down every lease is verified, what was verified since is not asked twice", () => {
  const scene = new Scene();
  scene.flap();
  expect([scene.rounds.length, scene.suspected]).toEqual([1, 2]);
  expect(scene.asks(camera)).toEqual({ ipv4: "same?", ipv6: "same?" });
  scene.leases(camera);
  expect(scene.asks(camera)?.ipv4).toBe("confirmed");
  scene.clock.pass(seconds(60));
  expect([scene.rounds.length, scene.retried]).toEqual([1, []]);
});

test("from a link that goes to the verification nobody knows whose addresses the devices have", () => {
  const { change, clock, uncertainty } = new Scene();
  const told = [change.isUncertain];
  for (const carrier of [false, true]) {
    change.port.setCarrier(carrier);
    told.push(change.isUncertain);
  }
  clock.pass(seconds(60));
  expect([told, uncertainty, change.isUncertain]).toEqual([[false, true, true], [false], false]);
});

test("a lease of another router during the verification moves all who have an old lease", () => {
  const scene = new Scene();
  scene.flap();
  scene.leases(camera, otherRouter);
  expect(scene.rounds.length).toBe(2);
  expect(scene.asks(camera)).toEqual({ ipv4: "confirmed", ipv6: "confirmed" });
  expect(scene.asks(printer)).toEqual({ ipv4: "another", ipv6: "confirmed" });
  scene.leases(printer, otherRouter);
  scene.clock.pass(seconds(60));
  expect(scene.rounds.length).toBe(2);
});

test("silence all around: the device last seen longest ago finds out", () => {
  const scene = new Scene();
  scene.flap();
  scene.change.router(router, undefined, routerMac);
  scene.clock.pass(seconds(4));
  expect(scene.retried).toEqual([camera]);
});

test("a link on which nobody is heard proves nothing: routers are held and asked, and at the first frame all ask again", () => {
  const scene = new Scene();
  scene.flap(true);
  scene.clock.pass(seconds(1.8));
  expect([scene.suspected, scene.troubles]).toEqual([2, []]);
  scene.clock.pass(seconds(23.2));
  expect([scene.suspected, scene.rounds.length, scene.retried]).toEqual([28, 1, []]);
  expect(scene.troubles).toMatchInlineSnapshot(`
    [
      "Nothing has been heard on eth0 since 00:01:02 UTC: its switch port may still block (spanning tree, 802.1X), or the cable leads nowhere. Leases are kept.",
    ]
  `);
  scene.change.heard();
  expect([scene.rounds.length, scene.troubles.slice(1)]).toEqual([2, [undefined]]);
  scene.change.heard();
  scene.clock.pass(seconds(60));
  expect([scene.suspected, scene.rounds.length]).toEqual([30, 2]);
  expect(scene.log.take()).toMatchInlineSnapshot(`
    [
      "warn WAN link is down",
      "warn WAN link is up again",
      "warn WAN change: the link was down; every device asks again",
      "warn WAN is quiet: nothing has been heard since it changed; its switch port may still block (spanning tree, 802.1X), or the cable leads nowhere",
      "warn WAN change: nothing was heard for 30 s; every device asks again",
    ]
  `);
});

test("where nobody is heard for long, one device finds out; a link that goes again ends the wait", () => {
  const scene = new Scene();
  scene.flap(true);
  scene.clock.pass(seconds(48));
  expect(scene.retried).toEqual([]);
  scene.clock.pass(seconds(2));
  expect(scene.retried).toEqual([camera]);
  scene.change.port.setCarrier(false);
  expect(scene.troubles.at(-1)).toBeUndefined();
  const { suspected } = scene;
  scene.clock.pass(seconds(60));
  expect(scene.suspected).toBe(suspected);
});

test("where no device has an interface nobody is asked, so nobody need answer", () => {
  const scene = new Scene();
  for (const m of [camera, printer]) scene.registry.remove(m);
  scene.flap(true);
  scene.clock.pass(seconds(60));
  expect([scene.suspected, scene.troubles]).toEqual([2, []]);
});

test("a renewal of one device that leads elsewhere is a sign, and has the others verified", () => {
  const scene = new Scene();
  scene.leases(camera, otherRouter);
  scene.clock.pass(seconds(5));
  expect(scene.rounds.length).toBe(1);
  expect(scene.log.take().join("\n")).toContain("IPv4 router 192.0.2.1 -> 203.0.113.1");
});

test.each<[string, (change: WanChange) => void, number]>([
  ["another MAC of the router", (c) => c.router(router, mac("00:aa:00:00:00:02"), routerMac), 1],
  ["a router that answers again", (c) => c.router(router, routerMac, undefined), 0],
  ["a silent router", (c) => c.router(router, undefined, routerMac), 1],
])("%s", (_what, happens, rounds) => {
  const scene = new Scene();
  happens(scene.change);
  scene.clock.pass(seconds(60));
  expect(scene.rounds.length).toBe(rounds);
});

const seen = (n: number, over: Partial<Network6> = {}): Network6 => ({
  ...nothingHeard,
  heard: true,
  routers: [
    { address: must(parseIp6(`fe80::${n}`)), mac: routerMac, preference: "medium", prefixes: [], onLink: [] },
  ],
  autonomous: [net(`2001:db8:${n}::/64`)],
  ...over,
});

test("the first router is no change, nor is a second; a prefix that goes is, and says what came instead", () => {
  const scene = new Scene();
  const two = { ...seen(1), routers: [...seen(1).routers, ...seen(2).routers] };
  scene.change.network6(seen(1), nothingHeard);
  scene.change.network6(two, seen(1));
  scene.change.network6(seen(2, { autonomous: two.autonomous }), two);
  scene.clock.pass(seconds(60));
  expect(scene.rounds.length).toBe(0);
  scene.change.network6(seen(3, { routers: two.routers, withdrawn: two.autonomous }), two);
  scene.clock.pass(seconds(5));
  expect(scene.rounds.length).toBe(1);
  expect(scene.log.take().join("\n")).toContain("IPv6 prefix 2001:db8:1::/64 -> 2001:db8:3::/64");
});

test("after the link was down, only strange IPv6 routers are the proof of another network", () => {
  const scene = new Scene();
  scene.change.network6(seen(1), nothingHeard);
  scene.flap();
  scene.change.network6(seen(1, { routers: [] }), seen(1));
  expect(scene.rounds.length).toBe(1);
  scene.change.network6(seen(2), seen(1, { routers: [] }));
  expect(scene.rounds.length).toBe(2);
  expect(scene.asks(camera)?.ipv4).toBe("another");
});
