import { expect, it } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { type Duration, millis, seconds } from "../../base/time.ts";
import { Passes } from "./passes.ts";

/** Passes that take a second each, and the moments they began. */
function bench(next: Duration) {
  const clock = new FakeClock(0);
  const begun: number[] = [];
  let together = 0;
  let most = 0;
  const passes = new Passes(clock, async () => {
    begun.push(clock.now());
    most = Math.max(most, ++together);
    await clock.sleep(seconds(1));
    together--;
    return next;
  });
  return { clock, begun, passes, most: () => most };
}

it("begins at the earliest moment asked for, once for all who asked", async () => {
  const b = bench(seconds(100));
  b.passes.request(millis(500));
  b.passes.request(millis(100));
  await b.clock.advance(millis(50));
  b.passes.request(millis(100));
  await b.clock.advance(seconds(50));
  expect(b.begun).toEqual([100]);
});

it("repeats by itself after the time that the pass gives", async () => {
  const b = bench(seconds(9));
  b.passes.request(millis(0));
  await b.clock.advance(seconds(25));
  expect(b.begun).toEqual([0, 10_000, 20_000]);
});

it("never runs two at once: what is asked for meanwhile comes after, and not later than the next", async () => {
  const b = bench(seconds(100));
  b.passes.request(millis(0));
  await b.clock.advance(millis(200));
  b.passes.request(millis(100));
  await b.clock.advance(seconds(10));
  expect(b.begun).toEqual([0, 1000]);
  expect(b.most()).toBe(1);
});

it("waits for the one that runs when it is stopped, and begins none after", async () => {
  const b = bench(millis(10));
  b.passes.request(millis(0));
  await b.clock.advance(millis(500));
  let stopped = false;
  void b.passes.stop().then(() => {
    stopped = true;
  });
  b.passes.request(millis(0));
  await b.clock.advance(millis(400));
  expect(stopped).toBe(false);
  await b.clock.advance(seconds(10));
  expect(stopped).toBe(true);
  expect(b.begun).toEqual([0]);
  expect(b.clock.pending).toBe(0);
});
