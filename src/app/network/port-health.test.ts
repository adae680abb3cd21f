import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { type Mac, macFromBytes } from "../../base/mac.ts";
import { millis, seconds } from "../../base/time.ts";
import { limitIn } from "./mac-limit.ts";
import { PortHealth } from "./port-health.ts";

const device = (n: number): Mac => macFromBytes(Uint8Array.of(0, 1, 2, 3, n >> 8, n & 255));

class Scene {
  readonly clock = new FakeClock();
  readonly told = new Map<string, string>();
  readonly asked: Mac[] = [];
  /** Whether the DHCP server is there. */
  serves = true;
  readonly health = new PortHealth({
    clock: this.clock,
    wanPort: "eth0",
    ask: (mac) => {
      this.asked.push(mac);
      if (this.serves) this.health.answered(mac);
    },
    tell: (trouble, sentence) => {
      if (sentence === undefined) this.told.delete(trouble);
      else this.told.set(trouble, sentence);
    },
  });

  /** Devices that come one after the other. */
  come(count: number, isAnswered: (n: number) => boolean): void {
    for (let n = 0; n < count; n++) {
      this.health.asks(device(n));
      this.health.sent();
      if (isAnswered(n)) {
        this.health.heard();
        this.health.answered(device(n));
      }
      this.clock.pass(millis(500));
    }
  }

  /** Time during which the rest of the network is heard, or not. */
  wait(span: number, isHeard = true): void {
    for (let n = 0; n < span; n += 10) {
      this.clock.pass(seconds(10));
      if (isHeard) this.health.heard();
      this.health.look();
    }
  }

  burst(frames: number): void {
    for (let n = 0; n < frames; n++) this.health.sent();
  }
}

test("the later ones are silent while the first are answered still: the port's limit, with the number that work", () => {
  const scene = new Scene();
  scene.come(30, (n) => n < 20);
  scene.wait(10);
  expect(scene.told.size).toBe(0);
  scene.wait(20);
  expect(scene.asked.length).toBeGreaterThan(0);
  expect(scene.told.get("port-limit")).toMatch(
    /^20 devices are answered, and none of the 10 that came after/,
  );
  scene.wait(600);
  expect(scene.told.has("port-limit")).toBe(true);
  for (let n = 20; n < 30; n++) scene.health.answered(device(n));
  scene.wait(10);
  expect(scene.told.size).toBe(0);
});

test("a server that died leaves the later ones silent too; nothing is said of a limit", () => {
  const scene = new Scene();
  scene.come(30, (n) => n < 20);
  scene.serves = false;
  scene.wait(600);
  expect(scene.told.size).toBe(0);
});

test.each<[string, (n: number) => boolean]>([
  ["all are answered", () => true],
  ["nobody is", () => false],
  ["a few are not registered", (n) => n % 7 !== 3],
  ["the last few are not registered", (n) => n < 26],
  ["few are registered", (n) => n % 7 === 3],
])("no alarm where %s", (_, isAnswered) => {
  const scene = new Scene();
  scene.come(30, isAnswered);
  scene.wait(300);
  expect(scene.told.size).toBe(0);
});

test("all stop right after a burst: the port is shut; a frame of anybody shows that it is open again", () => {
  const scene = new Scene();
  scene.come(30, () => true);
  scene.burst(40);
  scene.wait(40, false);
  expect(scene.told.size).toBe(0);
  scene.health.quiet("Nothing has been heard …");
  scene.wait(10, false);
  expect([...scene.told.keys()]).toEqual(["port-shut"]);
  expect(scene.told.get("port-shut")).toMatch(/^Nothing has been heard on eth0 since \d/);
  expect(scene.told.get("port-shut")).toContain("right after 41 frames of ours within a second");
  scene.health.heard();
  expect([...scene.told.keys()]).toEqual(["wan-quiet"]);
});

test("the carrier goes right after a burst and stays away: the port is shut", () => {
  const scene = new Scene();
  scene.come(30, () => true);
  scene.burst(20);
  scene.clock.pass(seconds(1));
  scene.health.carrier(false);
  scene.wait(30, false);
  expect(scene.told.get("port-shut")).toMatch(/^eth0 lost its carrier at .* right after 21 frames/);
  scene.health.carrier(true);
  scene.health.heard();
  expect(scene.told.size).toBe(0);
});

test("no alarm where all is silent for another reason", () => {
  const quiet = new Scene();
  quiet.come(30, () => true);
  quiet.wait(300, false);
  expect(quiet.told.size).toBe(0);
  const later = new Scene();
  later.come(30, () => true);
  later.burst(40);
  later.wait(20);
  later.health.carrier(false);
  later.wait(60, false);
  expect(later.told.size).toBe(0);
  const unserved = new Scene();
  unserved.come(30, () => false);
  unserved.burst(40);
  unserved.wait(300, false);
  expect(unserved.told.size).toBe(0);
});

test("a device that is forgotten counts no more", () => {
  const scene = new Scene();
  scene.come(30, (n) => n < 20);
  scene.wait(30);
  for (let n = 20; n < 28; n++) scene.health.forget(device(n));
  scene.wait(10);
  expect(scene.told.size).toBe(0);
});

test("which pattern is a limit", () => {
  const answered = (text: string): boolean[] => [...text].map((c) => c === "+");
  expect(limitIn(answered("++++++++++------"))).toEqual({ works: 10, silent: 6 });
  expect(limitIn(answered("++++-+++++------"))).toEqual({ works: 9, silent: 6 });
  expect(limitIn(answered("++--+-++++------"))).toBeUndefined();
  expect(limitIn(answered("++++++++++-----"))).toBeUndefined();
  expect(limitIn(answered("++------"))).toBeUndefined();
  expect(limitIn(answered("++------------"))).toEqual({ works: 2, silent: 12 });
  expect(limitIn([])).toBeUndefined();
});
