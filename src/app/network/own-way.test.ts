import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { FakeKernel } from "../../../test/support/fake-kernel.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { seconds } from "../../base/time.ts";
import { OwnWay } from "./own-way.ts";

class Scene {
  readonly clock = new FakeClock();
  readonly log = new MemoryLog();
  readonly kernel = new FakeKernel();
  readonly troubles: (string | undefined)[] = [];
  asked = 0;
  /** Through which interface; undefined: no way at all. */
  dev: string | undefined;
  lends = true;
  readonly way = new OwnWay({
    kernel: this.kernel,
    clock: this.clock,
    log: this.log,
    wanPort: "eth0",
    lends: () => this.lends,
    onTrouble: (sentence) => this.troubles.push(sentence),
  });

  constructor() {
    this.kernel.ipJson = async () => {
      this.asked++;
      if (!this.dev) throw new Error("RTNETLINK answers: Network is unreachable");
      return [{ dst: "192.0.0.9", dev: this.dev }];
    };
  }

  async look(dev: string | undefined): Promise<void> {
    this.dev = dev;
    await this.clock.advance(seconds(10));
    await this.way.look();
  }
}

test("a rule of somebody else's that leads to the silent port is told once, and when it is gone", async () => {
  const scene = new Scene();
  for (const dev of ["gw001122334451", undefined, "eth2"]) await scene.look(dev);
  expect(scene.troubles).toEqual([]);
  await scene.look("eth0");
  await scene.look("eth0");
  await scene.look("gw001122334451");
  const sentence =
    'The gateway\'s own IPv4 traffic is lost: a routing rule ahead of 32710 sends it through eth0, which is silent (see "ip rule")';
  expect(scene.troubles).toEqual([sentence, undefined]);
  expect(scene.log.take()).toEqual([`warn ${sentence}`]);
});

test("while nobody lends an identity, there is nothing to tell", async () => {
  const scene = new Scene();
  scene.lends = false;
  await scene.look("eth0");
  expect([scene.asked, scene.troubles]).toEqual([0, []]);
});

test("many passes are one question", async () => {
  const scene = new Scene();
  await scene.look("gw001122334451");
  for (let n = 0; n < 50; n++) await scene.way.look();
  expect(scene.asked).toBe(1);
});

test("as long as something is wrong it asks by itself, and not after that", async () => {
  const scene = new Scene();
  await scene.look("eth0");
  await scene.clock.advance(seconds(25));
  expect(scene.asked).toBe(3);
  scene.dev = undefined;
  await scene.clock.advance(seconds(25));
  expect([scene.asked, scene.troubles.length]).toEqual([4, 2]);
});

test("once stopped it asks no more", async () => {
  const scene = new Scene();
  await scene.look("eth0");
  scene.way.stop();
  await scene.clock.advance(seconds(60));
  expect(scene.asked).toBe(1);
});
