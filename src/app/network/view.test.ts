import { expect, test } from "vitest";
import { admitted, camera, deviceAt, leaseAt, printer, serving } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { Registry } from "../devices/registry.ts";
import { type Network6, nothingHeard } from "../uplink6/network.ts";
import { NetworkView } from "./view.ts";

test("tells what changes once, whoever of the devices found it and whenever it came", () => {
  const clock = new FakeClock();
  const log = new MemoryLog();
  const registry = new Registry();
  let network6: Network6 = nothingHeard;
  registry.put(deviceAt(clock, serving(leaseAt(clock.now()))));
  let changes = 0;
  const view = new NetworkView({
    log,
    registry,
    network6: () => network6,
    nat64: () => ({ prefixes: [] }),
    onChange: () => {
      changes++;
    },
  });
  const changesBy = (look: () => unknown): number => {
    const before = changes;
    look();
    return changes - before;
  };
  expect([changesBy(() => view.look()), changesBy(() => view.look())]).toEqual([1, 0]);
  expect(view.offered).toEqual({ ipv4: true, ipv6: false });
  registry.put(deviceAt(clock, { mac: printer, ...serving(leaseAt(clock.now())) }));
  registry.remove(camera);
  expect(changesBy(() => view.look())).toBe(0);
  registry.put(deviceAt(clock, { mac: printer, ...admitted({ tag: "failed", reason: "no answer" }) }));
  expect(changesBy(() => expect(view.lacks("ipv4")).toBe(true))).toBe(1);
  network6 = { ...nothingHeard, managed: true };
  expect([changesBy(() => view.look()), view.facts.ipv6.stateful]).toEqual([1, "announced"]);
  expect(log.take()).toEqual([
    "info WAN offers IPv4 by DHCP, IPv6 not known yet",
    "info WAN offers no IPv4, IPv6 not known yet",
  ]);
});
