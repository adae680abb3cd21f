import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { type Mac, macFromBytes } from "../../base/mac.ts";
import { seededRng } from "../../base/rng.ts";
import { millis, minutes, seconds } from "../../base/time.ts";
import { mac } from "../../plan/sample.fixture.ts";
import type { NdFrame } from "../../wire/nd/message.ts";
import { Solicitor } from "./solicitor.ts";

const camera = mac("00:11:22:33:44:51");
const printer = mac("00:11:22:33:44:52");

class Scene {
  readonly clock = new FakeClock(0);
  readonly frames: NdFrame[] = [];
  readonly sent: string[] = [];
  routerKnown = false;
  othersCome = false;
  /** Have no address although an advertisement came. */
  readonly without = new Set<Mac>();
  readonly solicitor = new Solicitor({
    clock: this.clock,
    rng: seededRng(3),
    send: (frame) => {
      this.frames.push(frame);
      this.sent.push(`${Math.round(this.clock.now() / 1000)} ${frame.sourceMac.slice(-2)}`);
    },
    routerKnown: () => this.routerKnown,
    served: (mac) => !this.without.has(mac),
    othersCome: () => this.othersCome,
  });

  heard(): void {
    this.routerKnown = true;
    this.solicitor.heard();
  }
}

test("three 4 s apart, then ever less often, at least once an hour", () => {
  const { solicitor, clock, sent, frames } = new Scene();
  solicitor.want(camera);
  clock.pass(minutes(60 * 6));
  const times = sent.map((line) => Number(line.split(" ")[0]));
  const gaps = times.slice(1).map((t, i) => t - (times[i] ?? 0));
  expect(gaps.slice(0, 2)).toEqual([4, 4]);
  for (const [n, gap] of gaps.slice(2).entries()) {
    const due = Math.min(8 * 2 ** n, 3600);
    expect(Math.abs(gap - due)).toBeLessThanOrEqual(due * 0.1 + 1);
  }
  expect(times.length).toBe(17);
  expect(frames[0]).toEqual({
    sourceMac: camera,
    destinationMac: "33:33:00:00:00:02",
    source: "::",
    destination: "ff02::2",
    message: { kind: "router-solicit" },
  });
});

test("one answer is for all that are up; who comes later is asked for anew", () => {
  const scene = new Scene();
  const { solicitor, clock, sent } = scene;
  solicitor.want(camera);
  clock.pass(millis(300));
  solicitor.want(printer);
  clock.pass(millis(500));
  scene.heard();
  clock.pass(minutes(60));
  expect(sent).toEqual(["0 51"]);
  solicitor.want(printer);
  clock.pass(seconds(1));
  expect(sent.slice(1)).toEqual(["3601 51"]);
  scene.heard();
  clock.pass(minutes(60));
  expect([sent.length, clock.pending]).toEqual([2, 0]);
});

test("an identity that has no address although an advertisement came is asked for until it has, ever less often", () => {
  const scene = new Scene();
  const { solicitor, clock, sent, without } = scene;
  without.add(printer);
  for (const mac of [camera, printer]) solicitor.want(mac);
  clock.pass(millis(500));
  scene.heard();
  // Each is answered, in vain.
  for (let n = 0; n < 600; n++) {
    const before = sent.length;
    clock.pass(seconds(1));
    if (sent.length > before) scene.heard();
  }
  const times = sent.map((line) => Number(line.split(" ")[0]));
  expect(times.slice(0, 3)).toEqual([0, 4, 8]);
  const gaps = times.slice(1).map((t, i) => t - (times[i] ?? 0));
  for (const [n, gap] of gaps.slice(2).entries())
    expect(Math.abs(gap - 8 * 2 ** n)).toBeLessThanOrEqual(0.8 * 2 ** n + 2);
  expect(sent.length).toBe(9);
  without.clear();
  clock.pass(minutes(60));
  expect([sent.length, clock.pending]).toEqual([9, 0]);
});

test("an advertisement has two seconds to bring an address; what is dropped meanwhile is not asked for", () => {
  const scene = new Scene();
  const { solicitor, clock, sent, without } = scene;
  for (const mac of [camera, printer]) {
    without.add(mac);
    solicitor.want(mac);
  }
  clock.pass(seconds(3.9));
  scene.heard();
  clock.pass(seconds(1.9));
  expect(sent).toEqual(["0 51"]);
  without.delete(camera);
  clock.pass(seconds(0.2));
  expect(sent).toEqual(["0 51", "6 52"]);
  scene.heard();
  solicitor.drop(printer);
  clock.pass(minutes(60));
  expect([sent.length, clock.pending]).toEqual([2, 0]);
});

test("a thousand identities cost one solicitation a second, by turns in the name of each", () => {
  const { solicitor, clock, sent } = new Scene();
  for (let n = 0; n < 1000; n++) {
    solicitor.want(macFromBytes(Uint8Array.of(0, 1, 2, 3, n >> 8, n & 255)));
    clock.pass(millis(10));
  }
  expect(sent.map((line) => line.split(" ")[0]).join()).toBe("0,1,2,3,4,5,6,7,8,9,10");
  expect(new Set(sent.map((line) => line.split(" ")[1])).size).toBe(10);
});

test("asked again, even with a router; a router that went is looked for; without identities nothing is sent", () => {
  const scene = new Scene();
  const { solicitor, clock, sent } = scene;
  solicitor.again();
  solicitor.check();
  clock.pass(minutes(1));
  expect([sent, clock.pending]).toEqual([[], 0]);
  solicitor.want(camera);
  clock.pass(millis(1));
  scene.heard();
  solicitor.check();
  solicitor.again();
  clock.pass(seconds(6));
  scene.heard();
  clock.pass(minutes(10));
  solicitor.check();
  clock.pass(minutes(10));
  expect(sent).toEqual(["60 51", "61 51", "65 51"]);
  scene.routerKnown = false;
  solicitor.check();
  clock.pass(seconds(1));
  solicitor.check();
  clock.pass(seconds(4));
  expect(sent.slice(3).length).toBe(2);
  solicitor.drop(camera);
  clock.pass(minutes(10));
  expect([sent.length, clock.pending]).toEqual([5, 0]);
});

test("of a crowd the last one asks for all, and nobody waits longer than two seconds for others", () => {
  const crowd = new Scene();
  crowd.othersCome = true;
  crowd.solicitor.want(camera);
  crowd.clock.pass(millis(1500));
  expect(crowd.sent).toEqual([]);
  crowd.othersCome = false;
  crowd.solicitor.want(printer);
  crowd.clock.pass(millis(1));
  expect(crowd.frames.length).toBe(1);

  const endless = new Scene();
  endless.othersCome = true;
  for (let n = 0; n < 7; n++) {
    endless.solicitor.want(n % 2 ? camera : printer);
    endless.clock.pass(millis(500));
  }
  expect(endless.sent.length).toBe(1);
  expect(endless.sent[0]).toMatch(/^2 /);
});
