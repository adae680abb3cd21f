import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { millis, seconds } from "../../base/time.ts";
import { WanWatch } from "./wan-watch.ts";

class Scene {
  readonly clock = new FakeClock();
  readonly log = new MemoryLog();
  verified = 0;
  moved = 0;
  readonly watch: WanWatch;
  constructor(enabled = true) {
    this.watch = new WanWatch({
      clock: this.clock,
      log: this.log,
      enabled,
      delay: seconds(5),
      verify: () => this.verified++,
      moved: () => this.moved++,
    });
  }
}

test("a link that was down is verified once it has settled", () => {
  const { clock, watch, ...scene } = new Scene();
  watch.setCarrier(false);
  clock.pass(seconds(60));
  watch.setCarrier(true);
  clock.pass(millis(4999));
  const before = watch.since;
  clock.pass(millis(1));
  expect(watch.since).toBeGreaterThan(before);
  expect(scene.log.take().map((line) => line.replace(/^\w+ /, ""))).toContain(
    "WAN change: the link was down; every device asks again",
  );
});

test("a stranger behind a link that was down is enough: all ask at once, and that is the change's one verification", () => {
  const scene = new Scene();
  const { watch, clock } = scene;
  watch.hasten("nobody was down");
  watch.setCarrier(false);
  watch.hasten("the link is down");
  watch.setCarrier(true);
  clock.pass(seconds(1));
  watch.hasten("IPv6 router fe80::2 is new");
  expect(scene.verified).toBe(1);
  watch.hasten("IPv6 router fe80::3 is new");
  clock.pass(seconds(60));
  expect(scene.verified).toBe(1);
  expect(scene.log.take().map((line) => line.replace(/^\w+ /, ""))).toContain(
    "WAN change: the link was down; IPv6 router fe80::2 is new; every device asks again",
  );
});

test("ten flaps in 20 s end with one verification", () => {
  const scene = new Scene();
  for (let i = 0; i < 10; i++) {
    scene.watch.setCarrier(false);
    scene.clock.pass(seconds(1));
    scene.watch.setCarrier(true);
    scene.clock.pass(seconds(1));
  }
  expect(scene.verified).toBe(0);
  scene.clock.pass(seconds(60));
  expect(scene.verified).toBe(1);
});

test("signs that follow a verification are of the same change; later ones are new", () => {
  const scene = new Scene();
  scene.watch.sign("router gone");
  scene.clock.pass(seconds(5));
  scene.watch.sign("prefix gone");
  scene.clock.pass(seconds(10));
  expect(scene.verified).toBe(1);
  scene.watch.sign("prefix gone");
  scene.clock.pass(seconds(5));
  expect(scene.verified).toBe(2);
});

test("a proof during the verification moves everyone, once; one at another time is a sign", () => {
  const scene = new Scene();
  scene.watch.proof("another router");
  expect([scene.moved, scene.watch.another]).toEqual([0, false]);
  scene.clock.pass(seconds(5));
  scene.watch.proof("another router");
  scene.watch.proof("another router");
  expect([scene.verified, scene.moved, scene.watch.another]).toEqual([1, 1, true]);
});

test("without a carrier nothing is a sign, and with monitoring off nothing is verified", () => {
  const scene = new Scene();
  scene.watch.setCarrier(false);
  scene.watch.sign("router gone");
  scene.clock.pass(seconds(60));
  expect(scene.verified).toBe(0);
  const blind = new Scene(false);
  blind.watch.sign("router gone");
  blind.clock.pass(seconds(60));
  expect(blind.verified).toBe(0);
});

test("what had no way to anybody is asked again at once, unless the link is down or nobody is to watch", () => {
  const scene = new Scene();
  scene.watch.setCarrier(false);
  scene.watch.verifyAgain("nothing was heard for 9 s");
  scene.watch.setCarrier(true);
  const { changedAt } = scene.watch;
  expect(changedAt).toBe(scene.clock.now());
  scene.clock.pass(seconds(1));
  scene.watch.verifyAgain("nothing was heard for 9 s");
  expect([scene.verified, scene.watch.changedAt]).toEqual([1, changedAt]);
  scene.clock.pass(seconds(60));
  expect(scene.verified).toBe(1);
  const idle = new Scene(false);
  idle.watch.verifyAgain("nothing was heard for 9 s");
  expect(idle.verified).toBe(0);
});

test("proof that comes before the verification of a link that was down counts in it, even while an older one is open", () => {
  const scene = new Scene();
  scene.watch.sign("router gone");
  scene.clock.pass(seconds(5));
  scene.watch.setCarrier(false);
  scene.watch.setCarrier(true);
  const backAt = scene.clock.now();
  scene.clock.pass(seconds(1));
  scene.watch.proof("router 1 -> 2");
  scene.clock.pass(seconds(5));
  expect([scene.verified, scene.moved, scene.watch.another]).toEqual([2, 0, true]);
  // What was learnt since the link is back is of the network that is there now.
  expect(scene.watch.since).toBe(backAt);
  expect(scene.log.take().at(-1)).toContain("the link was down; router 1 -> 2");
  scene.watch.proof("router 1 -> 2");
  expect(scene.moved).toBe(0);
});
