import { expect, test } from "vitest";
import { camera, leaseAt, printer } from "../../../test/support/devices.ts";
import { parseIp6 } from "../../base/ip6.ts";
import { must } from "../../base/parsed.ts";
import { instant } from "../../base/time.ts";
import { anywhere, ip, mac, router } from "../../plan/sample.fixture.ts";
import { type Network6, nothingHeard } from "../uplink6/network.ts";
import { Evidence } from "./evidence.ts";

const other = ip("203.0.113.1");
const routerMac = mac("00:aa:00:00:00:01");

/** The network in which these IPv6 routers live. */
const routers6 = (...numbers: readonly number[]): Network6 => ({
  ...nothingHeard,
  heard: true,
  routers: numbers.map((n) => ({
    address: must(parseIp6(`fe80::${n}`)),
    mac: routerMac,
    preference: "medium",
    prefixes: [],
    onLink: [],
  })),
});

class Scene {
  settled = true;
  ipv4 = false;
  readonly told: string[] = [];
  readonly strangers: string[] = [];
  #seen = nothingHeard;
  readonly evidence = new Evidence({
    sign: (what) => this.told.push(`sign: ${what}`),
    stranger: (who) => this.strangers.push(who),
    proof: (what) => this.told.push(`proof: ${what}`),
    isSettled: () => this.settled,
    hasIpv4: () => this.ipv4,
  });

  leased(from = router, m = camera): void {
    this.ipv4 = true;
    const routes = [{ destination: anywhere, router: from }];
    this.evidence.leased(m, leaseAt(instant(0), { routes }));
  }
  hears(...numbers: readonly number[]): void {
    const was = this.#seen;
    this.#seen = routers6(...numbers);
    this.evidence.network6(this.#seen, was);
  }
  /** The cable goes and comes. */
  replug(): void {
    this.evidence.linkLost();
    this.settled = false;
  }
  /** What is told from here on, by signs and proofs. */
  takes(): string[] {
    return this.told.splice(0);
  }
}

test("an IPv6 router that was not there before the change is a stranger, one that was is none", () => {
  const scene = new Scene();
  scene.hears(1);
  scene.strangers.length = 0;
  scene.replug();
  scene.hears(1);
  expect(scene.strangers).toEqual([]);
  scene.hears(1, 2);
  expect(scene.strangers).toEqual(["IPv6 router fe80::2 is new"]);
});

test("IPv6 routers that come and go on one network prove nothing; only strangers do", () => {
  const scene = new Scene();
  scene.hears(1);
  scene.hears(1, 2);
  scene.hears(2);
  scene.hears();
  scene.hears(1);
  expect(scene.takes()).toEqual(["sign: IPv6 router fe80::2 -> none"]);
  scene.hears(1, 3);
  scene.hears(3);
  expect(scene.takes()).toEqual([]);
});

test("a stranger that is heard beside the old router, before that is known to be gone, is proof once it is", () => {
  const scene = new Scene();
  scene.hears(1);
  scene.replug();
  scene.hears(1, 2);
  expect(scene.takes()).toEqual([]);
  scene.hears(2);
  expect(scene.takes()).toEqual(["proof: IPv6 router fe80::1 -> fe80::2"]);
  // There the new router is no stranger.
  scene.settled = true;
  scene.hears(2, 4);
  scene.replug();
  scene.hears(4);
  expect(scene.takes()).toEqual([]);
});

test("from IPv4 alone to IPv6 alone: proof once the IPv4 router is silent", () => {
  const scene = new Scene();
  scene.leased();
  scene.replug();
  scene.hears(1);
  scene.evidence.begin();
  expect(scene.takes()).toEqual([]);
  scene.evidence.router(router, undefined, routerMac);
  expect(scene.takes().at(-1)).toBe(`proof: IPv4 router ${router} -> none, IPv6 router none -> fe80::1`);
});

test("from IPv6 alone to IPv4 alone: proof once the IPv6 router is gone, also with a router of long ago", () => {
  const scene = new Scene();
  scene.leased();
  scene.ipv4 = false;
  scene.evidence.begin();
  scene.hears(1);
  scene.replug();
  scene.evidence.begin();
  scene.leased();
  expect(scene.takes()).toEqual([]);
  scene.hears();
  expect(scene.takes().at(-1)).toBe(`proof: IPv6 router fe80::1 -> none, IPv4 router none -> ${router}`);
});

test("one family that goes or comes while the other is the same proves nothing", () => {
  const scene = new Scene();
  scene.leased();
  scene.hears(1);
  scene.replug();
  scene.evidence.begin();
  scene.evidence.router(router, undefined, routerMac);
  scene.hears(1, 2);
  scene.evidence.router(router, routerMac, undefined);
  scene.leased(router, printer);
  scene.hears();
  expect(scene.told.filter((line) => line.startsWith("proof"))).toEqual([]);
});

test("a lease of another router is proof once, whatever device has it", () => {
  const scene = new Scene();
  for (const m of [camera, printer]) scene.leased(router, m);
  scene.replug();
  scene.evidence.begin();
  for (const m of [camera, printer]) scene.leased(other, m);
  expect(scene.takes()).toEqual([`proof: IPv4 router ${router} -> ${other}`]);
});
