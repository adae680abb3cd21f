import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import { minutes, seconds } from "../../base/time.ts";
import { mac } from "../../plan/sample.fixture.ts";
import type { NdFrame } from "../../wire/nd/message.ts";
import { ip6 } from "./advert.fixture.ts";
import { RouterWatch6 } from "./router-watch6.ts";

const router = ip6("fe80::1");
const other = ip6("fe80::2");
const routerMac = mac("00:aa:00:00:00:01");
const camera = mac("00:11:22:33:44:51");
const printer = mac("00:11:22:33:44:52");

class Scene {
  readonly clock = new FakeClock(0);
  readonly frames: NdFrame[] = [];
  readonly asked: string[] = [];
  readonly silent: string[] = [];
  routers: { ip: Ip6; mac: Mac }[] = [{ ip: router, mac: routerMac }];
  askers: Mac[] = [printer, camera];
  readonly watch = new RouterWatch6({
    clock: this.clock,
    routers: () => this.routers,
    asker: (preferred) => this.#asker(preferred),
    send: (frame) => {
      this.frames.push(frame);
      const to = frame.destinationMac === routerMac ? "it" : "all";
      this.asked.push(`${this.clock.now() / 1000} ${frame.sourceMac.slice(-2)} asks ${to}`);
    },
    onSilent: (ip) => this.silent.push(`${this.clock.now() / 1000} ${ip}`),
  });

  #asker(preferred: Mac | undefined) {
    const next = this.askers.shift();
    if (next) this.askers.push(next);
    const asker = preferred && this.askers.includes(preferred) ? preferred : next;
    return asker && { mac: asker, ip: ip6("fe80::51") };
  }
}

test("asked at once, then every 10 s unless heard meanwhile, by the one who had an answer", () => {
  const { watch, clock, asked, frames, silent } = new Scene();
  watch.sync();
  clock.pass(seconds(1));
  watch.heard(router, camera);
  watch.sync();
  clock.pass(seconds(8));
  watch.heard(router);
  clock.pass(seconds(10));
  watch.heard(router, camera);
  expect(asked).toEqual(["1 52 asks it", "19 51 asks it"]);
  expect(silent).toEqual([]);
  expect(frames[0]).toEqual({
    sourceMac: printer,
    destinationMac: routerMac,
    source: "fe80::51",
    destination: router,
    message: { kind: "neighbour-solicit", target: router, sourceMac: printer },
  });
});

test("three questions unanswered: silent, told once, and asked for every 10 s; heard: as before", () => {
  const { watch, clock, asked, frames, silent } = new Scene();
  watch.sync();
  watch.heard(router, camera);
  clock.pass(seconds(34));
  expect(asked).toEqual([
    "10 51 asks it",
    "11 51 asks all",
    "12 52 asks all",
    "13 51 asks all",
    "23 52 asks all",
    "33 51 asks all",
  ]);
  expect(silent).toEqual(["13 fe80::1"]);
  expect(frames[1]).toMatchObject({ destination: "ff02::1:ff00:1", destinationMac: "33:33:ff:00:00:01" });
  watch.heard(router);
  clock.pass(minutes(1));
  expect(silent).toEqual(["13 fe80::1", "47 fe80::1"]);
});

test("a router that never answered is not missed; without an asker nobody is", () => {
  const scene = new Scene();
  scene.watch.sync();
  scene.clock.pass(minutes(1));
  expect([scene.asked.length > 5, scene.silent]).toEqual([true, []]);
  scene.watch.heard(router, camera);
  scene.askers = [];
  const before = scene.asked.length;
  scene.clock.pass(minutes(1));
  expect([scene.asked.length, scene.silent]).toEqual([before, []]);
});

test("routers come and go; after a change of the link all are asked at once", () => {
  const scene = new Scene();
  scene.watch.sync();
  scene.routers.push({ ip: other, mac: mac("00:aa:00:00:00:02") });
  scene.watch.sync();
  scene.watch.heard(router, camera);
  scene.watch.heard(other, camera);
  scene.clock.pass(seconds(1));
  scene.watch.askAll();
  scene.clock.pass(seconds(0));
  expect(scene.frames.map(({ destination }) => destination)).toEqual([router, other]);
  scene.watch.heard(router);
  scene.routers.pop();
  scene.watch.sync();
  scene.clock.pass(seconds(9));
  expect([scene.frames.length, scene.silent]).toEqual([2, []]);
  scene.routers = [];
  scene.watch.sync();
  expect(scene.clock.pending).toBe(0);
});
