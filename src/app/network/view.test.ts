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
  const view = new NetworkView({ log, registry, network6: () => network6, nat64: () => ({ prefixes: [] }) });
  expect([view.look(), view.look()]).toEqual([true, false]);
  expect(view.offered).toEqual({ ipv4: true, ipv6: false });
  registry.put(deviceAt(clock, { mac: printer, ...serving(leaseAt(clock.now())) }));
  registry.remove(camera);
  expect(view.look()).toBe(false);
  registry.put(deviceAt(clock, { mac: printer, ...admitted({ tag: "failed", reason: "no answer" }) }));
  expect(view.lacks("ipv4")).toBe(true);
  network6 = { ...nothingHeard, managed: true };
  expect([view.look(), view.facts.ipv6.stateful]).toEqual([true, "announced"]);
  expect(log.take()).toEqual([
    "info WAN offers IPv4 by DHCP, IPv6 not known yet",
    "info WAN offers no IPv4, IPv6 not known yet",
  ]);
});
