import { expect, test } from "vitest";
import { instant, seconds } from "../../base/time.ts";
import { Bursts } from "./bursts.ts";

const noted = (...spans: readonly (readonly [count: number, from: number, to: number])[]): Bursts => {
  const bursts = new Bursts();
  for (const [count, from, to] of spans)
    for (let n = 0; n < count; n++) bursts.note(instant(from + ((to - from) * n) / count));
  return bursts;
};

test("only seconds with many frames are remembered, each with its number of frames", () => {
  const bursts = noted([14, 0, 900], [2000, 10_000, 10_500], [20, 60_000, 60_900]);
  const around = (at: number): number | undefined => bursts.around(instant(at), seconds(3));
  expect([around(0), around(10_000), around(60_000)]).toEqual([undefined, 2000, 20]);
});

test("frames count for one second, however long they go on", () => {
  expect(noted([10_000, 0, 100_000]).around(instant(50_000), seconds(3))).toBe(100);
});
