import { expect, test } from "vitest";
import { camera, deviceAt, leaseAt, printer, serving } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { networkOf } from "../../base/cidr4.ts";
import { ip } from "../../plan/sample.fixture.ts";
import { Registry } from "../devices/registry.ts";
import { watchClientsClash } from "./clients-clash.ts";

test("a WAN lease inside the clients' network is told, with the device, until the last of them is gone", () => {
  const clock = new FakeClock();
  const told: (string | undefined)[] = [];
  const registry = new Registry();
  const clients = networkOf(ip("198.19.0.0"), 16);
  watchClientsClash({ clients, registry, onTrouble: (sentence) => told.push(sentence) });
  const leased = (address: string, prefixLength = 24) =>
    serving(leaseAt(clock.now(), { address: ip(address), prefixLength }));
  registry.put(deviceAt(clock, leased("192.0.2.10")));
  expect(told).toEqual([]);
  registry.put(deviceAt(clock, leased("198.19.4.7")));
  expect(told).toEqual([
    "The WAN gave 00:11:22:33:44:51 198.19.4.7/24, which overlaps forwards.clients 198.19.0.0/16: while a device is open to IPv6 clients, devices do not reach hosts there; set forwards.clients to a network that is used nowhere.",
  ]);
  // A network around it has its addresses as well.
  registry.put(deviceAt(clock, { mac: printer, ...leased("198.18.0.9", 15) }));
  expect(told.at(-1)).toMatch(/00:11:22:33:44:51 and 1 more 198\.19\.4\.7/);
  registry.remove(camera);
  expect(told.at(-1)).toMatch(/gave 00:11:22:33:44:52 198\.18\.0\.9\/15/);
  registry.put(deviceAt(clock, { mac: printer, ...leased("192.0.2.11") }));
  expect([told.length, told.at(-1)]).toEqual([4, undefined]);
});
