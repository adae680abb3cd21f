import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import type { Ip4 } from "../../base/ip4.ts";
import { minutes, seconds } from "../../base/time.ts";
import { ip } from "../../plan/sample.fixture.ts";
import { Prober } from "./prober.ts";

const camera = ip("192.168.1.20");

class Scene {
  readonly clock = new FakeClock(0);
  readonly asked: string[] = [];
  readonly open = new Set<string>();
  changes = 0;
  readonly prober = new Prober({
    clock: this.clock,
    ports: [80, 5000],
    onChange: () => this.changes++,
    dial: {
      open: async (to: Ip4, port: number) => {
        this.asked.push(`${this.clock.now() / 1000} ${to}:${port}`);
        return this.open.has(`${to}:${port}`);
      },
    },
  });

  async pass(wait: ReturnType<typeof seconds>): Promise<void> {
    this.clock.pass(wait);
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }
}

test("asked at once, then ever less; a port that opens later is found and told once", async () => {
  const scene = new Scene();
  scene.prober.follow(new Set([camera]));
  await scene.pass(seconds(0));
  expect([scene.prober.open(camera), scene.changes]).toEqual([[], 0]);
  scene.open.add(`${camera}:5000`);
  await scene.pass(seconds(2));
  expect([scene.prober.open(camera), scene.changes]).toEqual([[5000], 1]);
  for (const wait of [5, 15, 30, 60, 60]) await scene.pass(seconds(wait));
  expect(scene.changes).toBe(1);
  expect(scene.asked.filter((a) => a.endsWith(":80")).map((a) => a.split(" ")[0])).toEqual([
    "0",
    "2",
    "7",
    "22",
    "52",
    "112",
    "172",
  ]);
});

test("one that has gone is not asked, nor any device when nothing is to be chosen", async () => {
  const scene = new Scene();
  scene.prober.follow(new Set([camera]));
  scene.prober.follow(new Set());
  await scene.pass(minutes(5));
  expect(scene.asked).toEqual([]);
});

test("however many devices there are, in the long run four of them are asked in a second", async () => {
  const scene = new Scene();
  const many = Array.from({ length: 600 }, (_, n) => ip(`10.0.${n >> 8}.${n & 255}`));
  scene.prober.follow(new Set(many));
  for (let second = 0; second < 300; second++) await scene.pass(seconds(1));
  scene.asked.length = 0;
  for (let second = 0; second < 300; second++) await scene.pass(seconds(1));
  const asked = scene.asked.filter((a) => a.endsWith(":80")).length;
  expect(asked).toBeGreaterThan(4 * 270);
  expect(asked).toBeLessThanOrEqual(4 * 300);
});
