import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { instant, never, seconds } from "../../base/time.ts";
import type { Lease6 } from "../../machine/dhcp6/lease.ts";
import type { Address6Fact } from "../../plan/desired6.ts";
import { mac } from "../../plan/sample.fixture.ts";
import { cidr6, ip6 } from "./advert.fixture.ts";
import { Askers } from "./askers.ts";
import { Demand6 } from "./demand6.ts";
import { type Network6, nothingHeard } from "./network.ts";

const camera = mac("00:11:22:33:44:51");
const printer = mac("00:11:22:33:44:52");
const linkLocal: Address6Fact = { ip: ip6("fe80::51"), length: 64, origin: "link-local", state: "usable" };
const slaac: Address6Fact = { ip: ip6("2001:db8:1::51"), length: 64, origin: "slaac", state: "tentative" };
const stored: Lease6 = {
  addresses: [{ address: ip6("2001:db8:1::10"), preferredUntil: never, validUntil: never }],
  serverId: Uint8Array.of(1),
  acquiredAt: instant(0),
  renewAt: never,
  rebindAt: never,
  dnsServers: [],
  domainSearch: [],
  ntpServers: [],
};

class Scene {
  readonly clock = new FakeClock(0);
  readonly askers = new Askers();
  readonly told: string[] = [];
  facts: readonly Address6Fact[] = [];
  network: Network6 = nothingHeard;
  leased = false;
  begun = false;
  readonly demand: Demand6;

  constructor(dhcpEnabled = true) {
    let mode: string | undefined;
    this.demand = new Demand6({
      clock: this.clock,
      raWait: seconds(3),
      dhcpEnabled,
      askers: this.askers,
      facts: () => this.facts,
      network: () => this.network,
      routersAreSettled: () => this.network.heard,
      onDeconfigure: (mac) => this.#tell(`deconfigure ${mac.slice(-2)}`),
      clients: {
        has: () => this.begun,
        leased: () => (this.leased ? [ip6("2001:db8:1::10")] : []),
        run: (_mac, now, lease) => {
          if (now === mode) return;
          mode = now;
          this.begun = true;
          this.leased ||= lease !== undefined && lease.serverId.length > 0;
          this.#tell(`${now ?? "nothing"}${lease ? " with a lease" : ""}`);
        },
        input: (_mac, { kind }) => {
          if (kind === "moved") this.leased = false;
          this.#tell(kind);
        },
      },
    });
  }

  #tell(what: string): void {
    this.told.push(`${this.clock.now() / 1000} ${what}`);
  }
  flags(managed: boolean, otherConfig: boolean): void {
    this.network = { ...this.network, heard: true, managed, otherConfig };
    this.demand.judgeAll();
  }
}

test("nothing before the link-local address is usable; M, O and neither differ; flags are followed", () => {
  const scene = new Scene();
  scene.network = { ...nothingHeard, managed: true };
  scene.facts = [{ ...linkLocal, state: "tentative" }];
  scene.demand.begin(camera);
  scene.clock.pass(seconds(60));
  expect([scene.told, scene.askers.next(undefined)]).toEqual([[], undefined]);
  scene.facts = [linkLocal, slaac];
  scene.demand.judge(camera);
  expect(scene.askers.next(undefined)).toEqual({ mac: camera, ip: linkLocal.ip });
  scene.flags(false, true);
  scene.flags(false, false);
  scene.flags(false, true);
  scene.flags(true, true);
  scene.leased = true;
  scene.flags(false, true);
  scene.leased = false;
  scene.demand.judgeSoon(camera);
  scene.clock.pass(seconds(60));
  expect(scene.told.map((t) => t.slice(3))).toEqual([
    "stateful",
    "stateless",
    "nothing",
    "stateless",
    "stateful",
    "stateless",
  ]);
});

test("no address by SLAAC within ra_wait: asked for all the same, until there is one", () => {
  const scene = new Scene();
  scene.demand.begin(camera);
  scene.clock.pass(seconds(10));
  scene.facts = [linkLocal];
  scene.demand.judge(camera);
  scene.clock.pass(seconds(1));
  scene.demand.judge(camera);
  scene.clock.pass(seconds(9));
  expect(scene.told).toEqual(["13 stateful"]);
  scene.facts = [linkLocal, slaac];
  scene.demand.judge(camera);
  expect(scene.told.slice(1)).toEqual(["20 nothing"]);
  expect(scene.clock.pending).toBe(0);
});

test("an address that follows another has its time too; one of a withdrawn prefix is none", () => {
  const scene = new Scene();
  scene.facts = [linkLocal, slaac];
  scene.demand.begin(camera);
  scene.clock.pass(seconds(100));
  scene.network = { ...nothingHeard, withdrawn: [cidr6("2001:db8:1::/64")] };
  scene.demand.judgeAll();
  scene.clock.pass(seconds(2));
  const next = { ...slaac, ip: ip6("2001:db8:2::51") };
  scene.facts = [linkLocal, slaac, next];
  scene.demand.judge(camera);
  scene.clock.pass(seconds(100));
  expect(scene.told).toEqual([]);
  scene.facts = [linkLocal, slaac, { ...next, state: "deprecated" }];
  scene.demand.judge(camera);
  scene.clock.pass(seconds(100));
  expect(scene.told).toEqual(["205 stateful"]);
});

test("a change of the link: the time to wait begins anew, a lease is verified; on another network it is void", () => {
  const scene = new Scene();
  scene.facts = [linkLocal];
  scene.demand.begin(camera);
  scene.clock.pass(seconds(10));
  scene.demand.verify(camera);
  scene.clock.pass(seconds(10));
  scene.leased = true;
  scene.demand.verify(camera);
  scene.demand.moved(camera);
  expect(scene.told).toEqual([
    "3 stateful",
    "10 nothing",
    "10 link-changed",
    "13 stateful",
    "20 link-changed",
    "20 deconfigure 51",
    "20 moved",
    "20 nothing",
  ]);
  scene.demand.verify(printer);
  scene.demand.moved(printer);
  expect(scene.told.length).toBe(8);
});

test("a lease in a withdrawn prefix is void; one that a server gives in there afterwards is not", () => {
  const scene = new Scene();
  scene.facts = [linkLocal];
  scene.flags(true, false);
  scene.demand.begin(camera);
  scene.leased = true;
  scene.network = { ...scene.network, withdrawn: [cidr6("2001:db8:1::/64")] };
  scene.demand.judgeAll();
  scene.leased = true;
  scene.demand.judgeAll();
  expect(scene.told).toEqual(["0 stateful", "0 deconfigure 51", "0 moved"]);
});

test("a lease from before a restart is taken over at once, whatever routers say", () => {
  const scene = new Scene();
  scene.facts = [linkLocal, slaac];
  scene.demand.begin(camera, stored);
  scene.flags(false, false);
  expect(scene.told).toEqual(["0 stateful with a lease"]);
});

test("a stored lease that cannot be used any more is told: run out, another network, DHCPv6 switched off", () => {
  const old = new Scene();
  old.facts = [linkLocal];
  old.demand.begin(camera, { ...stored, serverId: new Uint8Array() });
  expect(old.told).toEqual(["0 stateful with a lease", "0 deconfigure 51"]);
  const moved = new Scene();
  moved.demand.begin(camera, stored);
  moved.demand.moved(camera);
  moved.facts = [linkLocal, slaac];
  moved.demand.judge(camera);
  expect(moved.told).toEqual(["0 deconfigure 51", "0 moved"]);
  const off = new Scene(false);
  off.facts = [linkLocal];
  off.demand.begin(camera, stored);
  off.flags(true, true);
  off.clock.pass(seconds(60));
  expect(off.told).toEqual(["0 deconfigure 51"]);
});

test("askers take turns; one that has answers is preferred while it is there", () => {
  const askers = new Askers();
  askers.set(camera, linkLocal.ip);
  askers.set(printer, ip6("fe80::52"));
  askers.set(camera, linkLocal.ip);
  const names = [undefined, undefined, undefined, camera, camera].map((p) => askers.next(p)?.mac.slice(-2));
  expect(names).toEqual(["51", "52", "51", "51", "51"]);
  askers.set(camera, undefined);
  expect(askers.next(camera)?.mac).toBe(printer);
});

test("a forgotten device needs nothing", () => {
  const scene = new Scene();
  scene.facts = [linkLocal];
  scene.demand.begin(camera);
  scene.demand.forget(camera);
  scene.demand.judgeSoon(camera);
  scene.flags(true, true);
  scene.clock.pass(seconds(60));
  expect([scene.told, scene.demand.has(camera), scene.askers.next(undefined)]).toEqual([
    [],
    false,
    undefined,
  ]);
});
