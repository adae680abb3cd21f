import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { anyIp4, type Ip4 } from "../../base/ip4.ts";
import { broadcastMac, type Mac, zeroMac } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { minutes, seconds } from "../../base/time.ts";
import { ip, mac, router } from "../../plan/sample.fixture.ts";
import { parseArpFrame } from "../../wire/arp.ts";
import { type Asker, RouterWatch } from "./router-watch.ts";

const routerMac = mac("00:aa:00:00:00:01");
const otherMac = mac("00:aa:00:00:00:02");
const asker: Asker = { mac: mac("00:11:22:33:44:51"), ip: ip("192.0.2.10") };

class Scene {
  readonly clock = new FakeClock(0);
  readonly asked: string[] = [];
  readonly changes: string[] = [];
  asker: Asker | undefined = asker;
  readonly watch = new RouterWatch({
    clock: this.clock,
    asker: () => this.asker,
    send: (frame) => {
      const { arp, destination } = must(parseArpFrame(frame));
      const to = destination === broadcastMac ? "all" : destination;
      this.asked.push(`${this.clock.now() / 1000} ${arp.senderIp} asks ${to} for ${arp.targetIp}`);
    },
    onChange: (ip, now, was) => this.changes.push(`${ip} ${was ?? "-"} -> ${now ?? "-"}`),
  });

  heard(senderIp: Ip4, senderMac: Mac): void {
    this.watch.heard({ operation: "reply", senderIp, senderMac, targetIp: asker.ip, targetMac: zeroMac });
  }
}

test("a router nobody has heard is asked for at once, then every second, then ever more seldom", () => {
  const { watch, clock, asked } = new Scene();
  watch.want(router);
  watch.want(router);
  expect(asked).toEqual(["0 192.0.2.10 asks all for 192.0.2.1"]);
  clock.pass(seconds(10));
  expect(asked.length).toBe(11);
  clock.pass(minutes(10));
  expect(asked.length).toBeLessThan(40);
  expect(watch.known().size).toBe(0);
});

test("its answer is taken, refreshed with the router alone, and lost after six questions in vain", () => {
  const scene = new Scene();
  const { watch, clock, asked, changes } = scene;
  watch.want(router);
  scene.heard(router, routerMac);
  expect([...watch.known()]).toEqual([[router, routerMac]]);
  clock.pass(seconds(29));
  expect(asked.length).toBe(1);
  clock.pass(seconds(1));
  expect(asked.slice(1)).toEqual([`30 192.0.2.10 asks ${routerMac} for 192.0.2.1`]);
  scene.heard(router, routerMac);
  expect(changes).toEqual(["192.0.2.1 - -> 00:aa:00:00:00:01"]);
  clock.pass(seconds(36));
  expect(asked.slice(2)).toMatchInlineSnapshot(`
    [
      "60 192.0.2.10 asks 00:aa:00:00:00:01 for 192.0.2.1",
      "61 192.0.2.10 asks 00:aa:00:00:00:01 for 192.0.2.1",
      "62 192.0.2.10 asks 00:aa:00:00:00:01 for 192.0.2.1",
      "63 192.0.2.10 asks all for 192.0.2.1",
      "64 192.0.2.10 asks all for 192.0.2.1",
      "65 192.0.2.10 asks all for 192.0.2.1",
      "66 192.0.2.10 asks all for 192.0.2.1",
    ]
  `);
  expect(changes.slice(1)).toEqual(["192.0.2.1 00:aa:00:00:00:01 -> -"]);
  scene.heard(router, routerMac);
  expect(changes.at(-1)).toBe("192.0.2.1 - -> 00:aa:00:00:00:01");
});

test("a hint spares the question; another MAC for the same address is told", () => {
  const scene = new Scene();
  scene.watch.want(router, routerMac);
  expect(scene.asked).toEqual([]);
  scene.heard(router, otherMac);
  scene.heard(ip("192.0.2.200"), otherMac);
  expect(scene.changes).toEqual([
    "192.0.2.1 - -> 00:aa:00:00:00:01",
    "192.0.2.1 00:aa:00:00:00:01 -> 00:aa:00:00:00:02",
  ]);
});

test("an on-link route names no router", () => {
  const { watch, asked, clock } = new Scene();
  watch.want(anyIp4);
  expect(asked).toEqual([]);
  expect(clock.pending).toBe(0);
});

test("a suspect router is asked without naming an address, by broadcast, and given up within three seconds", () => {
  const scene = new Scene();
  scene.watch.want(router, routerMac);
  scene.clock.pass(seconds(5));
  scene.watch.suspectAll();
  scene.clock.pass(seconds(2));
  expect(scene.changes.length).toBe(1);
  scene.clock.pass(seconds(1));
  expect(scene.changes.at(-1)).toBe("192.0.2.1 00:aa:00:00:00:01 -> -");
  const asked = [5, 6, 7].map((at) => `${at} 0.0.0.0 asks all for 192.0.2.1`);
  expect(scene.asked.slice(0, 3)).toEqual(asked);
});

test("a router that nobody uses any more is dropped, and with the last one the timer", () => {
  const scene = new Scene();
  scene.watch.want(router, routerMac);
  scene.asker = undefined;
  scene.clock.pass(seconds(31));
  // Not that it went silent: nobody asked.
  expect(scene.changes).toEqual(["192.0.2.1 - -> 00:aa:00:00:00:01"]);
  expect(scene.watch.known().size).toBe(0);
  expect(scene.clock.pending).toBe(0);
  scene.asker = asker;
  scene.watch.want(router);
  expect(scene.asked.length).toBe(1);
  scene.watch.stop();
  expect(scene.clock.pending).toBe(0);
});
