import { expect, test } from "vitest";
import { lagFigures, makeInstruments, makeRegistry } from "./instruments.ts";

test("the delay of the event loop is told under the names that dashboards know, as we measured it", async () => {
  const registry = makeRegistry();
  const { lag } = makeInstruments(registry);
  for (const figure of lagFigures) lag[figure].set(0.25);
  const lines = (await registry.metrics()).split("\n");
  expect(lines.filter((line) => /^nodejs_eventloop_lag_\w+_seconds /.test(line)).sort()).toEqual(
    [...lagFigures].sort().map((figure) => `nodejs_eventloop_lag_${figure}_seconds 0.25`),
  );
  expect(lines.some((line) => line.startsWith("nodejs_eventloop_lag_seconds "))).toBe(true);
});
