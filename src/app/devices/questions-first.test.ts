import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import type { Mac } from "../../base/mac.ts";
import { millis } from "../../base/time.ts";
import { mac } from "../../plan/sample.fixture.ts";
import { QuestionsFirst } from "./questions-first.ts";

const [a, b, c] = [1, 2, 3].map((n) => mac(`00:11:22:33:44:0${n}`)) as [Mac, Mac, Mac];

class Scene {
  readonly clock = new FakeClock();
  readonly ready: Mac[] = [];
  readonly first = new QuestionsFirst({ clock: this.clock, onReady: (m) => this.ready.push(m) });
  begin(...macs: Mac[]): void {
    for (const m of macs) this.first.begin(m);
  }
}

test("one that is answered need not wait", () => {
  const scene = new Scene();
  scene.begin(a);
  scene.clock.pass(millis(40));
  expect(scene.ready).toEqual([]);
  scene.first.answered(a);
  scene.first.answered(a);
  expect(scene.ready).toEqual([a]);
  scene.clock.pass(millis(2000));
  expect(scene.ready).toEqual([a]);
});

test("those of a crowd wait for each other while answers come", () => {
  const scene = new Scene();
  scene.begin(a, b, c);
  scene.clock.pass(millis(90));
  scene.first.answered(a);
  scene.clock.pass(millis(90));
  scene.first.answered(b);
  expect(scene.ready).toEqual([]);
  scene.first.answered(c);
  expect(scene.ready).toEqual([a, b, c]);
});

test("who is not answered holds up nobody: a tenth of a second after the last sign", () => {
  const scene = new Scene();
  scene.begin(a, b);
  scene.clock.pass(millis(60));
  scene.first.answered(b);
  scene.clock.pass(millis(99));
  expect(scene.ready).toEqual([]);
  scene.clock.pass(millis(1));
  expect(scene.ready).toEqual([b, a]);
});

test("nor do others who come all the time, for more than a second", () => {
  const scene = new Scene();
  scene.begin(a);
  for (let n = 0; n < 20; n++) {
    scene.clock.pass(millis(50));
    scene.begin(b);
  }
  expect(scene.ready.slice(0, 2)).toEqual([a, b]);
});

test("one that is forgotten is not waited for, and never ready", () => {
  const scene = new Scene();
  scene.begin(a, b);
  scene.first.answered(a);
  scene.first.forget(b);
  expect(scene.ready).toEqual([a]);
  scene.begin(b);
  scene.first.stop();
  scene.clock.pass(millis(2000));
  expect(scene.ready).toEqual([a]);
});
