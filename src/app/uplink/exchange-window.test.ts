import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { millis, seconds } from "../../base/time.ts";
import { ExchangeWindow } from "./exchange-window.ts";

class Scene {
  readonly clock = new FakeClock();
  room = 0;
  #next = 0;
  readonly window: ExchangeWindow;

  constructor(most = 256) {
    this.window = new ExchangeWindow({ clock: this.clock, most, onRoom: () => this.room++ });
  }

  /** So many questions at once, answered after so long; without a time never. */
  round(count: number, answerMs?: number): void {
    const names = Array.from({ length: count }, () => `x ${this.#next++}`);
    for (const name of names) this.window.asked(name);
    if (answerMs === undefined) return;
    this.clock.pass(millis(answerMs));
    for (const name of names) this.window.answered(name);
  }
}

test("doubles with each round of quick answers, up to its ceiling", () => {
  const scene = new Scene();
  expect(scene.window.size).toBe(32);
  scene.round(32, 5);
  expect(scene.window.size).toBe(64);
  for (let n = 0; n < 5; n++) scene.round(scene.window.size, 5);
  expect(scene.window.size).toBe(256);
  expect(scene.room).toBeGreaterThan(256);
});

test("answers that show a queue at the server let it stay as it is; those of a far server do not", () => {
  const near = new Scene();
  near.round(1, 2);
  near.round(32, 40);
  expect(near.window.size).toBe(33);
  const far = new Scene();
  far.round(32, 800);
  far.round(32, 900);
  expect(far.window.size).toBe(96);
});

test("halves once for all that is missing at one moment, and grows by one a round after that", () => {
  const scene = new Scene();
  scene.round(32, 5);
  scene.round(64);
  scene.clock.pass(millis(301));
  expect([scene.window.size, scene.window.open]).toEqual([32, 0]);
  scene.clock.pass(seconds(1));
  scene.round(32, 5);
  expect(scene.window.size).toBe(32);
  scene.round(32, 5);
  expect(scene.window.size).toBe(33);
});

test("never below its floor, however many are missing", () => {
  const scene = new Scene();
  for (let n = 0; n < 10; n++) {
    scene.round(16);
    scene.clock.pass(seconds(4));
  }
  expect(scene.window.size).toBe(16);
  expect(new Scene(8).window.size).toBe(8);
});

test("a repetition is a sign too, and is no second question", () => {
  const scene = new Scene();
  scene.window.asked("a");
  scene.window.asked("a");
  expect([scene.window.open, scene.window.size]).toEqual([1, 16]);
  scene.window.answered("a");
  expect([scene.window.open, scene.window.hasRoom]).toEqual([0, true]);
});

test("where answers take their time, more of it passes until one counts as missing", () => {
  const scene = new Scene();
  scene.window.asked("late");
  scene.clock.pass(millis(1100));
  expect(scene.window.open).toBe(0);
  scene.window.answered("late");
  scene.window.asked("next");
  scene.clock.pass(millis(2900));
  expect(scene.window.open).toBe(1);
  scene.clock.pass(millis(101));
  expect(scene.window.open).toBe(0);
});

test("answers of nobody's change nothing; after a while nothing is remembered", () => {
  const scene = new Scene();
  scene.window.answered("nobody");
  scene.window.asked("a");
  scene.clock.pass(seconds(11));
  scene.window.answered("a");
  expect([scene.window.size, scene.clock.pending]).toEqual([16, 0]);
});
