import { expect, test } from "vitest";
import type { Facts } from "./facts.ts";
import { ahead } from "./faults.fixture.ts";
import { healthy } from "./healthy.fixture.ts";
import { runChecks } from "./run.ts";

const of = (id: string, over: Partial<Facts>) =>
  runChecks({ ...healthy, ...over }).filter((f) => f.check.id === id);

test("where the clock is wrong leases are not judged by it, and no DHCP server is blamed", () => {
  const byServer = { clock: { isKept: false, servers: [{ server: "192.0.2.123", ahead: 3_600_000 }] } };
  for (const over of [ahead, byServer])
    expect(of("leases", over)).toMatchObject([{ severity: "note", unseen: true }]);
});

test("one right server is enough, and some seconds are no fault", () => {
  const servers = [
    { server: "192.0.2.123", ahead: 86_400_000 },
    { server: "192.0.2.124", ahead: 2_000 },
  ];
  expect(of("clock", { clock: { isKept: true, servers } })).toMatchObject([{ severity: "ok" }]);
});

test.each<[string, Partial<Facts>]>([
  ["the gateway does not run", { daemon: { ...healthy.daemon, pid: undefined } }],
  ["the gateway does not answer", { api: { localhost: "x", lan: "x", socket: "no answer" } }],
  ["renewals are not written", { disks: healthy.disks.map((disk) => ({ ...disk, isReadOnly: true })) }],
  ["the disk is full", { disks: healthy.disks.map((disk) => ({ ...disk, free: 10 })) }],
])("leases that ended tell nothing of the clock while %s", (_, over) => {
  expect(of("clock", { ...ahead, ...over })).toMatchObject([{ severity: "ok" }]);
  expect(of("leases", { ...ahead, ...over })).toMatchObject([{ severity: "warning" }]);
});

test("one lease in use that has not ended says that the clock is right", () => {
  const [first, second] = healthy.state.devices;
  if (!first?.lease4 || !second) throw new Error("two devices are meant");
  const lease4 = { ...first.lease4, expires_at: Number.POSITIVE_INFINITY } as typeof first.lease4;
  const state = { ...healthy.state, devices: [{ ...first, lease4 }] };
  expect(of("clock", { ...ahead, state })).toMatchObject([{ severity: "ok" }]);
});
