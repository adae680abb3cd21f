import { expect, it } from "vitest";
import type { Family, TimelineKind } from "../app/devices/timeline.ts";
import type { Mac } from "../base/mac.ts";
import { instant } from "../base/time.ts";
import { Phases } from "./phases.ts";

const mac = "00:00:5e:00:53:01" as Mac;

function told(...events: readonly (readonly [at: number, kind: TimelineKind, family?: Family])[]): string[] {
  const lines: string[] = [];
  let now = instant(0);
  const phases = new Phases({
    now: () => now,
    onPhase: (family, phase, seconds) => lines.push(`${family} ${phase} ${seconds}`),
    onDone: (family, seconds) => lines.push(`${family} in all ${seconds}`),
  });
  for (const [at, kind, family] of events) {
    now = instant(at * 1000);
    phases.happened(mac, kind, family ?? null);
  }
  return lines;
}

it("times each part once, and the whole", () => {
  const lines = told(
    [0, "seen"],
    [1, "requesting", "ipv4"],
    [3, "attempt-failed", "ipv4"],
    [4, "requesting", "ipv4"],
    [6, "obtained", "ipv4"],
    [6.5, "configured", "ipv4"],
    [9, "configured", "ipv4"],
    [9, "requesting", "ipv4"],
  );
  expect(lines).toEqual(["ipv4 requested 1", "ipv4 obtained 5", "ipv4 configured 0.5", "ipv4 in all 6.5"]);
});

it("has no parts of an address by SLAAC, and nothing of a device that was there before", () => {
  expect(told([0, "seen"], [2, "configured", "ipv6"])).toEqual(["ipv6 in all 2"]);
  expect(told([0, "obtained", "ipv4"], [1, "configured", "ipv4"])).toEqual([]);
});
