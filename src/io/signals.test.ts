import { expect, test } from "vitest";
import { catchSignals } from "./signals.ts";

test("signals are handed over in their order, whether somebody waits or not", async () => {
  const before = process.listenerCount("SIGHUP");
  const signals = catchSignals();
  const first = signals.next();
  process.emit("SIGHUP", "SIGHUP");
  expect(await first).toBe("SIGHUP");
  process.emit("SIGHUP", "SIGHUP");
  process.emit("SIGTERM", "SIGTERM");
  expect([await signals.next(), await signals.next()]).toEqual(["SIGHUP", "SIGTERM"]);
  signals.close();
  expect(process.listenerCount("SIGHUP")).toBe(before);
});
